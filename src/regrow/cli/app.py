"""The command `regrow`, its groups, and the knowledge every command starts from."""

import sys

import typer

from .runtime import load_content

app = typer.Typer(
    name="regrow",
    help="Runs a clinic that treats depression with ketamine and esketamine, by measurement.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
)
knowledge_app = typer.Typer(
    help="What the clinic knows, as data.", no_args_is_help=True, rich_markup_mode=None
)
audit_app = typer.Typer(help="The audit trail.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(knowledge_app, name="knowledge")
app.add_typer(audit_app, name="audit")


@app.callback()
def start() -> None:
    """Runs a clinic that treats depression with ketamine and esketamine, by measurement."""
    for problem in load_content().problems():
        print(f"regrow: {problem}", file=sys.stderr)
