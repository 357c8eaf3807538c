"""Effects of other drugs on the exposure to ketamine."""

from collections.abc import Sequence
from dataclasses import dataclass

from regrow.knowledge.kind import Kind, Raw


@dataclass(frozen=True)
class DrugEffect:
    """What a medicine taken along does to the exposure (AUC): times by mouth, times by vein."""

    id: str
    title: str
    oral_auc_times: float
    iv_auc_times: float
    source: str
    mark: str


def read(raw: Raw) -> Sequence[DrugEffect]:
    return [
        DrugEffect(
            e["id"],
            e["title"],
            float(e["oral_auc_times"]),
            float(e["iv_auc_times"]),
            e["source"],
            e["mark"],
        )
        for e in raw["medicines"]
    ]


KIND = Kind(id="drug_effects", folder="pharmacology", label="Effects of other drugs", read=read)
