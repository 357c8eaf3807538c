"""Insurance cards, prior authorization packets and cost estimates."""
