"""Medications by name, brand and RxNorm code, and the list in which one is found."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches

from regrow.knowledge.kind import Files, Kind, KnowledgeFile, Problem, Raw, TitleOf

_WORD = re.compile(r"[a-z]+")


@dataclass(frozen=True)
class LeastDose:
    """The least daily dose of an adequate trial, by one published or recalled list."""

    mg_per_day: Decimal
    mark: str
    source: str


@dataclass(frozen=True)
class Form:
    """A form with a least dose of its own, such as paroxetine CR, known by its words."""

    words: frozenset[str]
    usual: LeastDose | None
    strict: LeastDose | None


@dataclass(frozen=True)
class Equivalent:
    """How much of this medicine one published table sets beside 10 mg of diazepam."""

    mg: Decimal
    mark: str
    source: str


@dataclass(frozen=True, eq=False)
class Drug:
    """A medication. `usual` and `strict` are None if no least adequate dose is published."""

    id: str
    names: Sequence[str]
    rxnorm: Sequence[str]
    drug_class: str
    roles: frozenset[str]
    usual: LeastDose | None
    strict: LeastDose | None
    forms: Sequence[Form]
    same_as_10_mg_diazepam: Sequence[Equivalent]
    note: str

    def least_dose(self, list_name: str, written: str = "") -> LeastDose | None:
        """The least dose of the `usual` or `strict` list, of the form that `written` names."""
        words = words_of(written)
        form = next((f for f in self.forms if f.words <= words), None)
        found: LeastDose | None = getattr(form or self, list_name)
        return found


@dataclass(frozen=True)
class Found:
    """What was found for something written: one drug, or none with names near to it, to be offered."""

    drug: Drug | None
    near: Sequence[str] = ()
    problem: str = ""


class Formulary:
    """All medicines known. Finding is exact; what is misspelt is offered and never guessed."""

    def __init__(self, drugs: Iterable[Drug]) -> None:
        self.drugs = tuple(drugs)
        self.by_id = {drug.id: drug for drug in self.drugs}
        self._by_code = {code: drug for drug in self.drugs for code in drug.rxnorm}
        self._by_word: dict[str, list[tuple[frozenset[str], Drug]]] = {}
        self._names: dict[str, str] = {}
        for drug in self.drugs:
            for name in (drug.id, *drug.names):
                self._names[name.lower()] = name
                words = words_of(name)
                self._by_word.setdefault(min(words), []).append((words, drug))

    def find(self, written: str, rxnorm: str = "") -> Found:
        """The drug a code or a written name means.

        Raises nothing: two drugs that fit equally, or a code that contradicts the name, are a `problem`.
        """
        by_code = self._by_code.get(rxnorm) if rxnorm else None
        by_name, ambiguous = self._by_name(written)
        if ambiguous:
            return Found(None, ambiguous, f"{written!r} names more than one medicine")
        if by_code and by_name and by_code is not by_name:
            names = (by_name.id, by_code.id)
            return Found(None, names, f"{written!r} is {names[0]}, its RxNorm code {rxnorm} is {names[1]}")
        found = by_code or by_name
        return Found(found) if found else Found(None, self.near(written))

    def near(self, written: str) -> Sequence[str]:
        """Names near to what was written, for a person to choose from."""
        whole = " ".join(_WORD.findall(written.lower()))
        found = dict.fromkeys(get_close_matches(whole, self._names, n=3, cutoff=0.75))
        for word in whole.split():
            if len(word) > 4:
                found |= dict.fromkeys(get_close_matches(word, self._names, n=2, cutoff=0.8))
        return [self._names[name] for name in found][:3]

    def _by_name(self, written: str) -> tuple[Drug | None, Sequence[str]]:
        words = words_of(written)
        fits = {(name, drug) for word in words for name, drug in self._by_word.get(word, ()) if name <= words}
        if not fits:
            return None, ()
        longest = [(name, drug) for name, drug in fits if not any(name < other for other, _ in fits)]
        drugs = sorted({drug.id for _, drug in longest})
        return (self.by_id[drugs[0]], ()) if len(drugs) == 1 else (None, drugs)


def words_of(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text.lower()))


def read(raw: Raw) -> Sequence[Drug]:
    return tuple(_drug(medicine) for medicine in raw["medicines"])


def _drug(raw: Raw) -> Drug:
    adequate = raw.get("adequate", {})
    return Drug(
        id=raw["id"],
        names=tuple(raw.get("names", ())),
        rxnorm=tuple(raw.get("rxnorm", ())),
        drug_class=raw["class"],
        roles=frozenset(raw.get("roles", ())),
        usual=_least(adequate.get("usual")),
        strict=_least(adequate.get("strict")),
        forms=tuple(
            Form(frozenset(f["words"]), _least(f.get("usual")), _least(f.get("strict")))
            for f in raw.get("forms", ())
        ),
        same_as_10_mg_diazepam=tuple(
            Equivalent(Decimal(e["mg"]), e["mark"], e["source"])
            for e in raw.get("same_as_10_mg_diazepam_mg", ())
        ),
        note=raw.get("note", ""),
    )


def _least(raw: Raw | None) -> LeastDose | None:
    return LeastDose(Decimal(raw["mg_per_day"]), raw["mark"], raw["source"]) if raw else None


def check(files: Files, document: KnowledgeFile, drugs: Sequence[Drug]) -> Iterator[Problem]:
    elsewhere = {
        drug["id"]: other.path.name
        for other in files.documents("medicines")
        if other.id != document.id and other.ours == document.ours
        for drug in other.contents["medicines"]
    }
    for index, drug in enumerate(drugs):
        if drug.id in elsewhere:
            yield ["medicines", index], f"{drug.id} is in {elsewhere[drug.id]} too. Keep one of the two."


def summarize(raw: Raw, _title_of: TitleOf) -> str:
    all_ = raw["medicines"]
    dosed = sum(1 for m in all_ if m.get("adequate") or m.get("forms"))
    bare = [
        m["id"]
        for m in all_
        if "antidepressant" in m.get("roles", ()) and not (m.get("adequate") or m.get("forms"))
    ]
    without = f" Without one, because none is published: {', '.join(bare)}." if bare else ""
    return f"{len(all_)} medicines, {dosed} with a least adequate dose.{without}"


KIND = Kind(
    id="medicines",
    folder="medicines",
    label="Medications",
    read=read,
    check=check,
    summarize=summarize,
)
