"""Simulator queries for other apps."""

from collections.abc import Sequence

from .models import SimulationAttachment


def attached_to(protocol: str, version: int) -> Sequence[SimulationAttachment]:
    """Return the comparisons attached to a protocol version, newest first."""
    found = SimulationAttachment.objects.filter(protocol=protocol, version=version)
    return list(found.select_related("run", "attached_by").order_by("-attached_at"))
