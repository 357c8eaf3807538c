"""What other apps may use of demo."""

from .make import make_demo
from .staff import LOGINS, PASSWORD

__all__ = [
    "LOGINS",
    "PASSWORD",
    "make_demo",
]
