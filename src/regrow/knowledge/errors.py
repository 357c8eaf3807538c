"""The one error of this room: a knowledge file that a person must mend."""


class BadKnowledge(ValueError):
    """A knowledge file is wrong. The text names the file, the line and what would satisfy it."""
