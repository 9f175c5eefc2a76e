"""What the commands in dev/ are made of. Python's standard library only."""
