"""The `regrow` command, its groups, and the knowledge files every command starts from."""

import sys

import typer

app = typer.Typer(
    name="regrow",
    help="Run a measurement-based ketamine and esketamine clinic.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
)
knowledge_app = typer.Typer(
    help="Inspect and validate clinical content files.", no_args_is_help=True, rich_markup_mode=None
)
audit_app = typer.Typer(
    help="Verify the audit log and controlled-substance log.", no_args_is_help=True, rich_markup_mode=None
)
app.add_typer(knowledge_app, name="knowledge")
app.add_typer(audit_app, name="audit")


@app.callback()
def take_clinic_knowledge() -> None:
    """Run a measurement-based ketamine and esketamine clinic."""
    from datetime import UTC, datetime

    from regrow import knowledge
    from regrow.web.platform.paths import knowledge_folder

    knowledge.use(knowledge_folder(), today=lambda: datetime.now(UTC).date())
    for problem in knowledge.problems():
        print(f"regrow: {problem}", file=sys.stderr)
