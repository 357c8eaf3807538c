"""The intake visit and its signed note."""
