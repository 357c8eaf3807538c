"""Virtual patients of the demo clinic: scores written down from a simulated trial."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from regrow.knowledge.kind import Kind, Raw


@dataclass(frozen=True)
class VirtualCohort:
    """Scores of some patients of a trial, written down: at entry, then at each visit."""

    trial: str
    arm: str
    seed: int
    scale: str
    people: Mapping[int, Sequence[int]]


def read(raw: Raw) -> VirtualCohort:
    people = {p["patient"]: tuple(p["scores"]) for p in raw["people"]}
    return VirtualCohort(raw["trial"], raw["arm"], raw["seed"], raw["scale"], people)


KIND = Kind(id="virtual_people", folder="demo/people", label="Virtual patients", read=read)
