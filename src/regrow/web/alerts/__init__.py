"""Safety alerts, on-call shifts and escalation."""
