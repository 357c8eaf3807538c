"""The `regrow` command, its groups, and the knowledge files every command starts from."""

import sys

import typer

from .runtime import load_content

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
def start() -> None:
    """Run a measurement-based ketamine and esketamine clinic."""
    for problem in load_content().problems():
        print(f"regrow: {problem}", file=sys.stderr)
