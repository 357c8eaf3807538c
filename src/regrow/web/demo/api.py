"""What other apps may use of demo."""

from .make import LOGINS, PASSWORD, make_demo

__all__ = [
    "LOGINS",
    "PASSWORD",
    "make_demo",
]
