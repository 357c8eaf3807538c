"""One version of a REMS form: its fields, and where their answers come from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from regrow.knowledge.kind import Kind, Raw


@dataclass(frozen=True)
class RemsField:
    """One question of a REMS form. `origin` says where its answer comes from, such as session.total_min.

    For chart.takes the `classes` of medicines are named that count.
    """

    id: str
    text: str
    origin: str
    required: bool
    classes: Sequence[str] = ()


@dataclass(frozen=True)
class RemsForm:
    """One version of a REMS monitoring form: blocks of fields, and the calendar days until it is due."""

    id: str
    version: int
    effective: date
    title: str
    medicine: str
    due_days: int
    blocks: Sequence[tuple[str, Sequence[RemsField]]]


def read(raw: Raw) -> RemsForm:
    return RemsForm(
        id=raw["id"],
        version=raw["version"],
        effective=date.fromisoformat(raw["effective"]),
        title=raw["title"],
        medicine=raw["medicine"],
        due_days=raw["due_days"]["value"],
        blocks=tuple(
            (
                block["title"],
                tuple(
                    RemsField(f["id"], f["text"], f["from"], f.get("required", False), f.get("classes", ()))
                    for f in block["fields"]
                ),
            )
            for block in raw["blocks"]
        ),
    )


KIND = Kind(id="rems_form", folder="rems", label="REMS form", read=read)
