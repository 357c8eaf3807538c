"""A route of treatment: what it requires, and how it compares."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from regrow.knowledge.kind import Files, Kind, KnowledgeFile, Problem, Raw, TitleOf

from .evidence import missing_figures


@dataclass(frozen=True)
class Cell:
    """One cell of the comparison of routes, with the figures it rests on."""

    text: str
    es: str
    figures: Sequence[str]
    mark: str
    source: str

    def in_language(self, language: str) -> str:
        return self.es if language == "es" else self.text


@dataclass(frozen=True)
class RouteFile:
    """A way to be treated: what it needs, and how it compares. `title_es` is its title in Spanish."""

    id: str
    version: int
    title: str
    order: int
    group: str
    offered: bool
    labelled: bool
    plain: str
    needs_any: Sequence[str]
    needs_all: Sequence[str]
    for_: str
    for_plain: str
    cells: Mapping[str, Cell]
    title_es: str = ""

    def title_in(self, language: str) -> str:
        return self.title_es if language == "es" and self.title_es else self.title


def read(raw: Raw) -> RouteFile:
    return RouteFile(
        id=raw["id"],
        version=raw["version"],
        title=raw["title"],
        order=raw["order"],
        group=raw["group"],
        offered=raw["offered"],
        labelled=raw["labelled"],
        plain=raw["plain"],
        needs_any=tuple(raw.get("needs_any", ())),
        needs_all=tuple(raw.get("needs_all", ())),
        for_=raw["for"],
        for_plain=raw["for_plain"],
        title_es=raw["title_es"],
        cells={
            name: Cell(cell["text"], cell["es"], tuple(cell.get("figures", ())), cell["mark"], cell["source"])
            for name, cell in raw.get("cells", {}).items()
        },
    )


def check(files: Files, document: KnowledgeFile, route: RouteFile) -> Iterator[Problem]:
    for key, names in (("needs_any", route.needs_any), ("needs_all", route.needs_all)):
        for name in names:
            if name not in files.ids("definition"):
                yield [key], f"there is no definition {name!r}."
    for name, cell in route.cells.items():
        yield from missing_figures(files, ["cells", name], cell.figures)


def summarize(raw: Raw, _title_of: TitleOf) -> str:
    if not raw["offered"]:
        return "Shown for comparison; candidacy does not decide about it here."
    return (
        f"Open when {' and '.join(raw.get('needs_all', ()))} and one of {', '.join(raw.get('needs_any', ()))} are met, "
        "nothing closes it, and every gate is accepted."
    )


KIND = Kind(
    id="route",
    folder="routes",
    label="Route of treatment",
    read=read,
    check=check,
    summarize=summarize,
)
