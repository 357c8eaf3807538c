"""Regrow runs a clinic that treats depression with ketamine and esketamine, by measurement."""

__version__ = "0.1.0"
