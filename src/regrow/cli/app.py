"""The `regrow` command, its groups, and the knowledge files every command starts from."""

import sys
from collections.abc import Sequence

import typer

from .runtime import content, load_content

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
def start(context: typer.Context) -> None:
    """Run a measurement-based ketamine and esketamine clinic."""
    problems = load_content().problems()
    if context.invoked_subcommand != "knowledge":
        _warn(problems)


@knowledge_app.callback()
def start_knowledge(context: typer.Context) -> None:
    if context.invoked_subcommand != "check":  # which reports them itself
        _warn(content().problems())


def _warn(problems: Sequence[str]) -> None:
    for problem in problems:
        print(f"regrow: {problem}", file=sys.stderr)
