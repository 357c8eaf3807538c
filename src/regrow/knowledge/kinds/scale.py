"""A rating scale: items, answers, bands, cut-offs, and what a blank item does."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from regrow.knowledge.kind import Files, Kind, KnowledgeFile, Problem, Raw, TitleOf


@dataclass(frozen=True)
class Option:
    """One answer on offer; `text` is empty where the licensed form carries it."""

    score: int
    text: str = ""


@dataclass(frozen=True)
class Item:
    """One item by the instrument's own number. `text` is empty where the license forbids it.

    A `red_flag` item answered above its lowest option leads to a call to the patient.
    """

    number: int
    text: str
    options: Sequence[Option]
    suicide: bool = False
    red_flag: bool = False
    asked_when: tuple[int, int] | None = None

    @property
    def scores(self) -> Sequence[int]:
        return [option.score for option in self.options]


@dataclass(frozen=True)
class Level:
    """A triage level: it applies when one of `when` does. Each is (item, at least, at most or None)."""

    name: str
    when: Sequence[tuple[int, int, int | None]]


@dataclass(frozen=True)
class Flag:
    """What a total of at least `at_least` means; `sex` where the cut-off is for one sex only."""

    at_least: int
    text: str
    sex: str | None
    mark: str
    source: str


@dataclass(frozen=True)
class CutOff:
    total_at_most: int
    mark: str
    source: str
    used_by: str = ""


@dataclass(frozen=True)
class MinimalChange:
    """A published smallest change that matters, in points, in percent of the baseline, or both.

    `baseline_from` and `baseline_to` bound the baselines it was found for, where the paper gives them.
    """

    basis: str
    points: Decimal | None
    percent: Decimal | None
    baseline_from: int | None
    baseline_to: int | None
    mark: str
    source: str


@dataclass(frozen=True)
class Wording:
    """The instrument's words in another language: its items in order, and the answers of each."""

    stem: str
    items: Sequence[str]
    options: Sequence[Sequence[str]]
    mark: str
    source: str


@dataclass(frozen=True)
class Scale:
    """A rating scale. `bands` are (lowest total, name), ascending; unpublished values are None or empty.

    `allowed`, `edges` and `about_suicide` (places in `items`) repeat the items and bands for quick scoring.
    """

    id: str
    version: int
    title: str
    full_title: str
    language: str
    rated_by: str
    licence: str
    obtain: str
    source: str
    recall_days: int
    recall_note: str
    lower_is_better: bool
    comparable_with: Sequence[int]
    stem: str
    items: Sequence[Item]
    scoring: str
    domains: Sequence[Sequence[int]]
    levels: Sequence[Level]
    minimum: int
    maximum: int
    loinc: str
    parts: Sequence[str]
    bands: Sequence[tuple[int, str]]
    flags: Sequence[Flag]
    response_fall_percent: Decimal | None
    remission: CutOff | None
    remission_also: Sequence[CutOff]
    reliable_change_points: Decimal | None
    minimal_changes: Sequence[MinimalChange]
    most_missing: int
    translations: Mapping[str, Wording] = field(default_factory=dict)
    allowed: Sequence[frozenset[int]] = field(repr=False, compare=False, default=())
    edges: Sequence[int] = field(repr=False, compare=False, default=())
    about_suicide: Sequence[int] = field(repr=False, compare=False, default=())

    @property
    def suicide_item(self) -> int | None:
        """The number of the first item that asks about suicide, if there is one."""
        return next((item.number for item in self.items if item.suicide), None)

    @property
    def remission_at_most(self) -> int | None:
        return self.remission.total_at_most if self.remission else None

    @property
    def wording_is_here(self) -> bool:
        """Whether the instrument's own wording is in the file, so that a person can answer it on a screen."""
        return all(item.text for item in self.items)

    @property
    def languages(self) -> Sequence[str]:
        return [self.language, *self.translations]

    def in_language(self, language: str) -> "Scale":
        """The instrument in another language; itself where it is not translated, so ask `languages` first."""
        wording = self.translations.get(language)
        if wording is None:
            return self
        items = tuple(
            replace(
                item,
                text=text,
                options=tuple(replace(o, text=t) for o, t in zip(item.options, answers, strict=True)),
            )
            for item, text, answers in zip(self.items, wording.items, wording.options, strict=True)
        )
        return replace(self, language=language, stem=wording.stem, items=items)

    def item(self, number: int) -> Item:
        return next(item for item in self.items if item.number == number)


def read(raw: Raw) -> Scale:
    scoring = raw["scoring"]
    items = tuple(_item(item, raw.get("options", ())) for item in raw["items"])
    remission = raw.get("remission")
    missing = raw["missing"]
    return Scale(
        id=raw["id"],
        version=raw["version"],
        title=raw["title"],
        full_title=raw.get("full_title", raw["title"]),
        language=raw["language"],
        rated_by=raw["rated_by"],
        licence=raw["licence"],
        obtain=raw.get("obtain", ""),
        source=raw["source"],
        recall_days=raw["recall_days"],
        recall_note=raw.get("recall_note", ""),
        lower_is_better=raw["direction"] == "lower_is_better",
        comparable_with=tuple(raw.get("comparable_with", ())),
        stem=raw.get("stem", ""),
        items=items,
        scoring=scoring["kind"],
        domains=tuple(tuple(group) for group in scoring.get("domains", ())),
        levels=tuple(
            Level(level["name"], tuple((w["item"], w["at_least"], w.get("at_most")) for w in level["when"]))
            for level in scoring.get("levels", ())
        ),
        minimum=raw["total"]["min"],
        maximum=raw["total"]["max"],
        loinc=raw["total"].get("loinc", ""),
        parts=tuple(part["scale"] for part in raw.get("parts", ())),
        bands=tuple((band["from"], band["name"]) for band in raw["bands"]),
        flags=tuple(
            Flag(f["at_least"], f["text"], f.get("sex"), f["mark"], f["source"]) for f in raw.get("flags", ())
        ),
        response_fall_percent=Decimal(raw["response"]["fall_at_least_percent"])
        if "response" in raw
        else None,
        remission=_cut_off(remission) if remission else None,
        remission_also=tuple(_cut_off(also) for also in remission.get("also", ())) if remission else (),
        reliable_change_points=Decimal(raw["reliable_change"]["points"])
        if "reliable_change" in raw
        else None,
        minimal_changes=tuple(_minimal(m) for m in raw.get("minimal_change", ())),
        most_missing=missing.get("most", 0),
        translations={
            language: _wording(words, items) for language, words in raw.get("translations", {}).items()
        },
        allowed=tuple(frozenset(item.scores) for item in items),
        edges=tuple(band["from"] for band in raw["bands"]),
        about_suicide=tuple(place for place, item in enumerate(items) if item.suicide),
    )


def _wording(raw: Raw, items: Sequence[Item]) -> Wording:
    own = raw.get("own_options", {})
    return Wording(
        stem=raw.get("stem", ""),
        items=tuple(raw["items"]),
        options=tuple(tuple(own.get(str(item.number), raw.get("options", ()))) for item in items),
        mark=raw["mark"],
        source=raw["source"],
    )


def _item(raw: Raw, shared: Sequence[Mapping[str, Any]]) -> Item:
    options = [{"score": score} for score in raw["scores"]] if "scores" in raw else raw.get("options", shared)
    asked = raw.get("asked_when")
    return Item(
        number=raw["number"],
        text=raw.get("text", ""),
        options=tuple(Option(o["score"], o.get("text", "")) for o in options),
        suicide=raw.get("suicide", False),
        red_flag=raw.get("red_flag", False),
        asked_when=(asked["item"], asked["at_least"]) if asked else None,
    )


def _cut_off(raw: Raw) -> CutOff:
    return CutOff(raw["total_at_most"], raw["mark"], raw["source"], raw.get("used_by", ""))


def _minimal(raw: Raw) -> MinimalChange:
    return MinimalChange(
        basis=raw["basis"],
        points=Decimal(raw["points"]) if "points" in raw else None,
        percent=Decimal(raw["percent"]) if "percent" in raw else None,
        baseline_from=raw.get("baseline_from"),
        baseline_to=raw.get("baseline_to"),
        mark=raw["mark"],
        source=raw["source"],
    )


def check(files: Files, document: KnowledgeFile, scale: Scale) -> Iterator[Problem]:
    yield from problems_of(scale, files.ids("scale"))


def problems_of(scale: Scale, ids: Sequence[str]) -> Sequence[tuple[Sequence[str | int], str]]:
    """What is wrong with a scale beyond its schema: where in the file, and the sentence."""
    found: list[tuple[Sequence[str | int], str]] = []
    numbers = [item.number for item in scale.items]
    if len(set(numbers)) != len(numbers):
        found.append((["items"], "two items have the same number. Give each its own."))
    for index, item in enumerate(scale.items):
        if not item.options:
            found.append((["items", index], f"item {item.number} has no answers. Give it options or scores."))
    if found:
        return found
    if scale.scoring == "domains":
        groups: Sequence[Sequence[int]] = scale.domains
        if sorted(n for group in groups for n in group) != sorted(numbers):
            return [(["scoring"], "the domains must hold every item exactly once.")]
    else:
        groups = [[number] for number in numbers]
    if scale.scoring != "levels":
        lowest, highest = (
            sum(pick(pick(scale.item(n).scores) for n in group) for group in groups) for pick in (min, max)
        )
        if (lowest, highest) != (scale.minimum, scale.maximum):
            text = f"total is {scale.minimum} to {scale.maximum}; the items sum to {lowest} to {highest}."
            found.append((["total"], text))
    for language, wording in scale.translations.items():
        where = ["translations", language]
        if len(wording.items) != len(scale.items):
            found.append((where, f"{len(wording.items)} items; the scale has {len(scale.items)}."))
            continue
        for item, answers in zip(scale.items, wording.options, strict=True):
            if len(answers) != len(item.options):
                text = f"item {item.number} has {len(answers)} answers; the scale has {len(item.options)}."
                found.append((where, text))
    for level in scale.levels:
        wrong = [item for item, _, _ in level.when if item not in numbers]
        if wrong:
            found.append(
                (["scoring"], f"the level {level.name!r} names item {wrong[0]}, which there is not.")
            )
    edges = [lowest for lowest, _ in scale.bands]
    if edges != sorted(set(edges)):
        found.append((["bands"], "the bands must ascend, each from its own total."))
    elif edges and edges[0] != scale.minimum:
        found.append((["bands"], f"the first band must begin at {scale.minimum}."))
    found += [(["parts"], f"there is no scale {part!r}.") for part in scale.parts if part not in ids]
    if not scale.wording_is_here and not scale.obtain:
        found.append((["items"], "the wording is not here; say under `obtain` where the form is obtained."))
    return found


def summarize(raw: Raw, _title_of: TitleOf) -> str:
    parts = [f"{len(raw['items'])} item{'s' if len(raw['items']) > 1 else ''}"]
    if raw["scoring"]["kind"] != "levels":
        parts.append(f"{raw['total']['min']} to {raw['total']['max']}, {raw['direction'].replace('_', ' ')}")
    parts.append(f"looking back {raw['recall_days']} days" if raw["recall_days"] else "as it is now")
    if "response" in raw:
        parts.append(f"response from a fall of {raw['response']['fall_at_least_percent']} %")
    if "remission" in raw:
        parts.append(f"remission at {raw['remission']['total_at_most']} or less")
    missing = raw["missing"]
    parts.append(
        f"up to {missing['most']} blanks prorated" if missing["rule"] == "prorate" else "no blank is allowed"
    )
    return f"{'; '.join(parts)}."


KIND = Kind(id="scale", folder="scales", label="Rating scale", read=read, check=check, summarize=summarize)
