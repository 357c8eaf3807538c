"""A titration rule: how the next dose follows from the score, and where it ends."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from regrow.knowledge.kind import Files, Kind, KnowledgeFile, Problem, Raw


@dataclass(frozen=True)
class ReviewChoice:
    """One side of a published disagreement, with what it rests on. `source` is a key, `mark` how it was read."""

    id: str
    text: str
    evidence: str
    source: str
    mark: str


@dataclass(frozen=True)
class ReviewWhen:
    """When published rules disagree on what comes next, and the choices; none is ever preselected.

    `in_a_row` doses in full, each followed by a fall below `fall_below_percent`; or too small a fall after dose
    `at_dose`. Without a percentage the review comes at `at_dose`, whatever the score.
    """

    fall_below_percent: Decimal | None
    in_a_row: int | None
    at_dose: int | None
    note: str
    choices: Sequence[ReviewChoice]
    also: Sequence[str]


@dataclass(frozen=True)
class Titration:
    """How a dose moves. Doses are in `unit`, mg/kg or mg; `ladder` rises; no dose passes `cap`.

    `by` is what moves it: "score" (one step of `rungs_per_step` while the fall on `instrument` is below
    `hold_from_fall_percent`), "schedule" (`schedule[n]` for the n-th session, the last going on), or "judgement".
    `near_points` is how close to a threshold a score is reported as a near miss; it changes no dose.
    """

    id: str
    version: int
    effective: date
    title: str
    source: str
    mark: str
    unit: str
    by: str
    ladder: Sequence[Decimal]
    start: Decimal
    rungs_per_step: int
    schedule: Sequence[Decimal]
    cap: Decimal
    rate_cap_mg_per_kg_h: Decimal | None
    instrument: str
    hold_from_fall_percent: Decimal
    hold_in_remission: bool
    improved_from_fall_percent: Decimal | None
    near_points: int
    review_when: ReviewWhen | None
    space_when: str


def read(raw: Raw) -> Titration:
    score = raw["score"]
    return Titration(
        id=raw["id"],
        version=raw["version"],
        effective=date.fromisoformat(raw["effective"]),
        title=raw["title"],
        source=raw["source"],
        mark=raw["mark"],
        unit=raw["unit"],
        by=raw["by"],
        ladder=tuple(Decimal(v) for v in raw["ladder"]["values"]),
        start=Decimal(raw["ladder"]["start"]),
        rungs_per_step=raw["ladder"]["rungs_per_step"],
        schedule=tuple(Decimal(v) for v in raw.get("schedule", {}).get("values", ())),
        cap=Decimal(raw["cap"]["value"]),
        rate_cap_mg_per_kg_h=Decimal(raw["rate_cap"]["value"]) if "rate_cap" in raw else None,
        instrument=score["instrument"],
        hold_from_fall_percent=Decimal(score["hold_from_fall_percent"]),
        hold_in_remission=score["hold_in_remission"],
        improved_from_fall_percent=_decimal(score, "improved_from_fall_percent"),
        near_points=score["near_points"],
        review_when=_review_when_of(raw["review_when"]) if "review_when" in raw else None,
        space_when=raw.get("space_when", {}).get("text", ""),
    )


def _decimal(raw: Raw, key: str) -> Decimal | None:
    return Decimal(raw[key]) if key in raw else None


def _review_when_of(raw: Raw) -> ReviewWhen:
    return ReviewWhen(
        fall_below_percent=_decimal(raw, "fall_below_percent"),
        in_a_row=raw.get("in_a_row"),
        at_dose=raw.get("at_dose"),
        note=raw.get("note", ""),
        choices=tuple(ReviewChoice(**choice) for choice in raw["choices"]),
        also=tuple(raw.get("also", ())),
    )


def check(files: Files, document: KnowledgeFile, made: Titration) -> Iterator[Problem]:
    if made.instrument not in files.ids("scale"):
        yield ["score", "instrument"], f"there is no scale {made.instrument!r}."
    yield from titration_problems(made)


def titration_problems(rule: Titration) -> Sequence[tuple[Sequence[str | int], str]]:
    """What a schema cannot see: (where in the file, sentence)."""
    found: list[tuple[Sequence[str | int], str]] = []
    if list(rule.ladder) != sorted(set(rule.ladder)):
        found.append((["ladder", "values"], "the doses must rise, each once. Sort them."))
    if rule.start not in rule.ladder:
        found.append(
            (["ladder", "start"], f"{rule.start} is not among the ladder's doses. Start on one of them.")
        )
    for index, dose in enumerate(rule.ladder):
        if not 0 < dose <= rule.cap:
            found.append(
                (["ladder", "values", index], f"{dose} is above the cap of {rule.cap}, or not above 0.")
            )
    for index, dose in enumerate(rule.schedule):
        if dose not in rule.ladder:
            found.append((["schedule", "values", index], f"{dose} is not among the ladder's doses."))
    review = rule.review_when
    if review and review.in_a_row is None and review.at_dose is None:
        found.append((["review_when"], "say when: `in_a_row`, `at_dose` or both."))
    if review and review.in_a_row is not None and review.fall_below_percent is None:
        found.append(
            (["review_when"], "`in_a_row` needs `fall_below_percent`: which fall counts as too small.")
        )
    return found


KIND = Kind(id="titration", folder="titrations", label="Titration rule", read=read, check=check)
