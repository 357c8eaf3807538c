"""Visit length, days of a series, and where it is held."""

from collections.abc import Mapping
from datetime import timedelta

from regrow.knowledge import InfusionProtocol, Protocol

# Preparation time before the infusion, as the demo clinic plans it; not a clinical limit.
PREPARATION = timedelta(minutes=30)


def visit_length(protocol: Protocol, limits: Mapping[str, str]) -> timedelta:
    """Return how long a chair is occupied: preparation, the dose, and the longest required observation period."""
    rules = protocol.session
    waits = [clock.at_least_min for clock in rules.clocks if clock.at_least_min]
    waits += [int(float(limits["observation_min"]))] if limits.get("observation_min") else []
    dose = protocol.minutes if isinstance(protocol, InfusionProtocol) else 0
    if rules.devices:
        most = int(max(rules.devices.doses_mg) / rules.devices.mg)
        dose = (most - 1) * rules.devices.apart_min
    return PREPARATION + timedelta(minutes=dose + max(waits, default=0))


def series_days(protocol: Protocol) -> list[int]:
    """Return the day of the series for each session, from 0.

    A titrated infusion defines its own days. Twice weekly alternates three and four days.
    """
    if isinstance(protocol, InfusionProtocol):
        return [n * protocol.every_days for n in range(protocol.sessions)]
    return [n // 2 * 7 + n % 2 * 3 for n in range(protocol.sessions)]


def place_of(protocol: Protocol) -> str:
    """Return where a session of this protocol is held, as a value of `Chair.place`."""
    return "home" if protocol.home else "clinic"
