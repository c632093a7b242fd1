"""`train` and `evaluate`: what a shop's log teaches, how good that is, and which model serves."""
