"""What a training leaves for people to look at: curves, a table, a page."""
