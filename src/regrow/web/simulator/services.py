"""What other desks may ask of the lab."""

from collections.abc import Sequence

from .models import SimulationAttachment


def attached_to(protocol: str, version: int) -> Sequence[SimulationAttachment]:
    """The comparisons laid under a version of a protocol, newest first."""
    found = SimulationAttachment.objects.filter(protocol=protocol, version=version)
    return list(found.select_related("run", "attached_by").order_by("-attached_at"))
