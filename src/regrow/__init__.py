"""Regrow runs a clinic that treats depression with ketamine and esketamine, by measurement."""

__version__ = "0.2.0"
