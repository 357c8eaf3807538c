"""The same engines from a shell: JSON in, JSON out, one sentence and exit code 2 for input that cannot be used.

Commands import what they need when they run, so that `regrow --help` stays quick.
"""

from .main import main

__all__ = ["main"]
