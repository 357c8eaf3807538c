"""A contraindication or precaution: how it is found in a record, and its effect on each product."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from regrow.knowledge.kind import Files, Kind, KnowledgeFile, Problem, Raw, TitleOf

# A record about another person, or one that denies the condition, does not count as found.
_NOT_THE_PATIENT = (
    "family history",
    "no history of",
    "no evidence of",
    "denies",
    "ruled out",
    "screening for",
    "risk of",
)
_ACTIONS = {
    "hard": "is closed",
    "gate": "needs the prescriber's reason",
    "warn": "shows a caution",
    "info": "shows a note",
}


@dataclass(frozen=True)
class LookCondition:
    """A recorded condition, by words in its name or by code; `ever` counts a past one too."""

    words: "re.Pattern[str] | None"
    not_words: "re.Pattern[str] | None"
    icd10: tuple[str, ...]
    snomed: frozenset[str]
    ever: bool

    def means(self, text: str, icd10: str, snomed: str) -> bool:
        """Whether one record matches."""
        if self.not_words and self.not_words.search(text):
            return False
        by_word = self.words is not None and self.words.search(text) is not None
        by_icd10 = bool(self.icd10) and icd10.upper().startswith(self.icd10)
        return by_word or by_icd10 or snomed in self.snomed


@dataclass(frozen=True)
class LookAge:
    under_years: int | None
    from_years: int | None


@dataclass(frozen=True)
class LookPressure:
    above_systolic_mmhg: Decimal
    above_diastolic_mmhg: Decimal


@dataclass(frozen=True)
class LookScore:
    instrument: str
    at_least: int


@dataclass(frozen=True)
class LookMedicine:
    classes: frozenset[str]
    ids: frozenset[str]


@dataclass(frozen=True)
class LookMeasurement:
    """A laboratory result, positive when its words say so."""

    loinc: frozenset[str]
    positive_words: Sequence[str]


Look = LookCondition | LookAge | LookPressure | LookScore | LookMedicine | LookMeasurement


@dataclass(frozen=True)
class ProductRule:
    """What a finding means for one product. `action`: hard, gate, warn or info."""

    kind: str
    action: str
    note: str
    mark: str
    source: str


@dataclass(frozen=True)
class Criterion:
    """A contraindication or caution. Its determination is met when it is absent."""

    id: str
    version: int
    title: str
    text: str
    plain: str
    ask: str
    ask_es: str
    needs: str
    look_for: Sequence[Look]
    absent_unless_found: bool
    only_sex: Sequence[str]
    absent: str
    determination: str
    products: Mapping[str, ProductRule]


def read(raw: Raw) -> Criterion:
    return Criterion(
        id=raw["id"],
        version=raw["version"],
        title=raw["title"],
        text=raw["text"],
        plain=raw["plain"],
        ask=raw["ask"],
        ask_es=raw.get("ask_es", raw["ask"]),
        needs=raw.get("needs", ""),
        look_for=tuple(_look(look) for look in raw["look_for"]),
        absent_unless_found=raw.get("absent_unless_found", False),
        only_sex=tuple(raw.get("only_sex", ())),
        absent=raw.get("absent", ""),
        determination=raw.get("determination", f"no-{raw['id']}"),
        products=products_of(raw["products"]),
    )


def _look(raw: Raw) -> Look:
    ((kind, value),) = raw.items()
    match kind:
        case "condition":
            return condition_of(value)
        case "age":
            return LookAge(value.get("under_years"), value.get("from_years"))
        case "blood_pressure":
            return LookPressure(Decimal(value["above_systolic_mmhg"]), Decimal(value["above_diastolic_mmhg"]))
        case "score":
            return LookScore(value["instrument"], value["at_least"])
        case "medicine":
            return medicine_of(value)
        case _:
            words = tuple(word.lower() for word in value["positive_words"])
            return LookMeasurement(frozenset(value["loinc"]), words)


def condition_of(raw: Raw) -> LookCondition:
    return LookCondition(
        words=_any_word(raw["words"]),
        not_words=_any_word([*raw.get("not_words", ()), *_NOT_THE_PATIENT]),
        icd10=tuple(raw.get("icd10", ())),
        snomed=frozenset(raw.get("snomed", ())),
        ever=raw.get("ever", False),
    )


def _any_word(words: Sequence[str]) -> "re.Pattern[str] | None":
    """Finds any of the words at the beginning of a word: `pregnan` means pregnant and pregnancy."""
    return re.compile(r"\b(?:" + "|".join(map(re.escape, words)) + ")", re.IGNORECASE) if words else None


def medicine_of(raw: Raw) -> LookMedicine:
    return LookMedicine(frozenset(raw.get("classes", ())), frozenset(raw.get("ids", ())))


def products_of(raw: Raw) -> Mapping[str, ProductRule]:
    return {
        route: ProductRule(rule["class"], rule["action"], rule.get("note", ""), rule["mark"], rule["source"])
        for route, rule in raw.items()
    }


def check(files: Files, document: KnowledgeFile, criterion: Criterion) -> Iterator[Problem]:
    for index, look in enumerate(criterion.look_for):
        if isinstance(look, LookScore) and look.instrument not in files.ids("scale"):
            yield ["look_for", index], f"there is no scale {look.instrument!r}."
        if isinstance(look, LookMedicine):
            for text in missing_medicines(files, look):
                yield ["look_for", index], text


def missing_medicines(files: Files, look: LookMedicine) -> Iterator[str]:
    drugs = [drug for d in files.documents("medicines") for drug in d.contents["medicines"]]
    known_ids, known_classes = {drug["id"] for drug in drugs}, {drug["class"] for drug in drugs}
    for id in sorted(look.ids - known_ids):
        yield f"there is no medicine {id!r}. Add it to a file of medicines, or correct the name."
    for name in sorted(look.classes - known_classes):
        yield f"no medicine has the class {name!r}. Add one, or correct the name."


def summarize(raw: Raw, title_of: TitleOf) -> str:
    found = "; or ".join(_found_when(look) for look in raw["look_for"])
    says = f"Present when {found}, or when reported." if found else "Present when reported."
    asked = "" if raw.get("absent_unless_found") else " Counts as absent only when it was asked about."
    return f"{says}{asked} Then {effects_in_words(raw['products'], title_of)}."


def effects_in_words(products: Raw, title_of: TitleOf) -> str:
    """Say what happens to each route, by the title of its file."""
    return ", ".join(
        f"{title_of('route', route)} {_ACTIONS[rule['action']]}" for route, rule in products.items()
    )


def _found_when(look: Raw) -> str:
    ((kind, value),) = look.items()
    match kind:
        case "condition":
            parts = [f"says {' or '.join(value['words'])}"] if value["words"] else []
            parts += [f"has ICD-10 {', '.join(value['icd10'])}"] if value.get("icd10") else []
            past = ", past ones too" if value.get("ever") else ""
            return f"a recorded condition {' or '.join(parts)}{past}"
        case "age":
            if "under_years" in value:
                return f"the person is under {value['under_years']}"
            return f"the person is {value['from_years']} or older"
        case "blood_pressure":
            upper, lower = value["above_systolic_mmhg"], value["above_diastolic_mmhg"]
            return f"the last blood pressure is above {upper} or above {lower} mmHg"
        case "score":
            return f"{value['instrument'].upper()} is {value['at_least']} or more"
        case "medicine":
            names = [*value.get("ids", ()), *(f"a {c}" for c in value.get("classes", ()))]
            return f"{' or '.join(names)} is taken"
        case _:
            return f"a test says {' or '.join(value['positive_words'])}"


KIND = Kind(
    id="criterion",
    folder="candidacy/criteria",
    label="Contraindication or precaution",
    read=read,
    check=check,
    summarize=summarize,
)
