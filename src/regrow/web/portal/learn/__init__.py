"""Public education pages, the evidence list and the interactive figures."""
