"""Regrow's own content files, without any clinic's: what the tests of the core start from."""

from regrow.knowledge import Knowledge

knowledge = Knowledge.shipped()
