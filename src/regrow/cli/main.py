"""Entry point: run a command, and report a usage error as one sentence."""

import sys

from . import calculators, clinic, dosing, knowledge, model, pk, session, trials, vitals  # noqa: F401  each adds its commands
from .app import app
from .runtime import UsageError


def main() -> None:
    """Run a command; a usage error is one sentence on stderr and exit code 2."""
    from regrow.chart import BadChart
    from regrow.dosing import BadInfusion
    from regrow.knowledge import BadKnowledge
    from regrow.scales import BadAnswers, NotComparable

    try:
        app(prog_name="regrow")
    except (UsageError, BadAnswers, BadInfusion, BadKnowledge, BadChart, NotComparable) as mistake:
        print(f"regrow: {mistake}", file=sys.stderr)
        sys.exit(2)
