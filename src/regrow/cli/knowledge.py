"""Commands to inspect and validate the knowledge files."""

from typing import Annotated

import typer

from .app import knowledge_app
from .runtime import Json, UsageError, content, show

Kind = Annotated[str | None, typer.Option("--kind", help="Only this kind, such as scale.")]


@knowledge_app.command("check")
def check() -> None:
    """Validate every knowledge file: schema, sources, dates, versions and references.

    Example: regrow knowledge check
    """
    from datetime import UTC, datetime

    knowledge = content()

    problems = knowledge.check(datetime.now(UTC).date())
    if problems:
        raise UsageError("\n".join(problems))
    count = sum(len(knowledge.ids(kind)) for kind in knowledge.kinds())
    print(f"All {count} knowledge files are valid.")


@knowledge_app.command("list")
def list_files(kind: Kind = None, as_json: Json = False) -> None:
    """List the current knowledge files.

    Example: regrow knowledge list --kind scale --json
    """
    knowledge = content()

    found = [d for k in ([kind] if kind else knowledge.kinds()) for d in knowledge.documents(k)]
    rows = [
        {
            "kind": d.kind,
            "id": d.id,
            "version": d.version,
            "effective": d.contents["effective"],
            "title": d.title,
            "from": "regrow" if d.ours else "clinic",
        }
        for d in found
    ]
    wide = max((len(str(row["id"])) for row in rows), default=0)
    lines = [f"{row['kind']:12} {row['id']:{wide}}  v{row['version']}  {row['title']}" for row in rows]
    show(rows, as_json, "\n".join(lines))


@knowledge_app.command("show")
def show_file(
    id: Annotated[str, typer.Argument(help="Such as phq-9.")],
    kind: Kind = None,
    version: Annotated[int | None, typer.Option(help="An older version.")] = None,
    as_json: Json = False,
) -> None:
    """Show one knowledge file as an outline, with its history and uses.

    Example: regrow knowledge show phq-9
    """
    knowledge = content()

    kinds = [k for k in ([kind] if kind else knowledge.kinds()) if id in knowledge.ids(k)]
    if not kinds:
        where = f"{kind} " if kind else "knowledge file "
        raise UsageError(f"there is no {where}{id!r}; `regrow knowledge list` names them all")
    if len(kinds) > 1:
        raise UsageError(f"{id!r} is the name of {len(kinds)} files; say --kind {' or --kind '.join(kinds)}")
    document = knowledge.document(kinds[0], id, version)
    reading = knowledge.outline(document)
    answer = {
        "kind": document.kind,
        "id": document.id,
        "version": document.version,
        "sentence": knowledge.summarize(document),
        "contents": document.contents,
        "history": [
            {
                "version": d.version,
                "effective": d.contents["effective"],
                "change": d.contents.get("change", ""),
            }
            for d in knowledge.history(kinds[0], id)
        ],
        "used_by": [{"kind": d.kind, "id": d.id} for d in knowledge.used_by(document)],
    }
    lines = [f"{document.title} ({document.kind}, version {document.version})", ""]
    lines += [sentence, ""] if (sentence := knowledge.summarize(document)) else []
    for line in reading:
        lines.append(
            f"{'  ' * line.depth}{line.label}: {line.text}"
            if line.label
            else f"{'  ' * line.depth}{line.text}"
        )
    used = ", ".join(f"{d.kind} {d.id}" for d in knowledge.used_by(document)) or "nothing else"
    show(answer, as_json, "\n".join([*lines, "", f"Used by: {used}"]))
