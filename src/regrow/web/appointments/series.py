"""How long a visit takes, on which days a series falls, and where it is held."""

from collections.abc import Mapping
from datetime import timedelta

from regrow.knowledge import InfusionProtocol, Protocol

# Getting ready and drawing up before the infusion, as the demo clinic plans it; not a clinical limit.
PREPARATION = timedelta(minutes=30)


def visit_length(protocol: Protocol, limits: Mapping[str, str]) -> timedelta:
    """Return how long a chair is occupied: preparation, the dose, and the longest observation asked for."""
    rules = protocol.session
    waits = [clock.at_least_min for clock in rules.clocks if clock.at_least_min]
    waits += [int(float(limits["observation_min"]))] if limits.get("observation_min") else []
    dose = protocol.minutes if isinstance(protocol, InfusionProtocol) else 0
    if rules.devices:
        most = int(max(rules.devices.doses_mg) / rules.devices.mg)
        dose = (most - 1) * rules.devices.apart_min
    return PREPARATION + timedelta(minutes=dose + max(waits, default=0))


def series_days(protocol: Protocol) -> list[int]:
    """On which day of the series each session falls, from 0.

    A titrated infusion says so itself. Twice a week is every third and fourth day in turn.
    """
    if isinstance(protocol, InfusionProtocol):
        return [n * protocol.every_days for n in range(protocol.sessions)]
    return [n // 2 * 7 + n % 2 * 3 for n in range(protocol.sessions)]


def place_of(protocol: Protocol) -> str:
    """Where a session of this protocol is held, as a chair says it."""
    return "home" if protocol.home else "clinic"
