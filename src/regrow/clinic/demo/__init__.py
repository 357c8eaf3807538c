"""The demo clinic: invented people at every stage of care, the same ones each time (fixed seed)."""

from .make import LOGINS, PASSWORD, make_demo

__all__ = ["LOGINS", "PASSWORD", "make_demo"]
