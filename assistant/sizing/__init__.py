"""Which size a person takes: their measures against the size charts of the shop."""
