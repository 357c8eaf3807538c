"""The command line: JSON in, JSON out; unusable input gives one sentence and exit code 2.

Commands import what they need when they run, so that `regrow --help` stays fast.
"""

from .main import main

__all__ = ["main"]
