"""The front desk: what people write to the clinic, and what the clinic sends."""
