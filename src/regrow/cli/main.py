"""The commands and what each of them may be given."""

import json
import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

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

Json = Annotated[bool, typer.Option("--json", help="Answer as JSON.")]
Database = Annotated[
    str | None,
    typer.Option(
        "--database", metavar="URL", help="sqlite:////path/file or postgresql://…; else REGROW_DATABASE_URL."
    ),
]


class Unusable(Exception):
    """The input cannot be used. The text says what is wrong, where, and what would satisfy it."""


def main() -> None:
    """Runs a command; what the caller can mend is one sentence on stderr and exit code 2."""
    from regrow.chart import BadChart
    from regrow.dosing import BadInfusion
    from regrow.knowledge import BadKnowledge
    from regrow.scales import BadAnswers

    try:
        app(prog_name="regrow")
    except (Unusable, BadAnswers, BadInfusion, BadKnowledge, BadChart) as mistake:
        print(f"regrow: {mistake}", file=sys.stderr)
        sys.exit(2)


def _show(answer: dict[str, Any], as_json: bool, sentence: str) -> None:
    print(json.dumps(answer, ensure_ascii=False, default=str) if as_json else sentence)


def _django(database: str | None) -> None:
    """Sets Django up for the database given."""
    from regrow.clinic.site.database import BadDatabaseUrl, data_folder, database_settings, database_url

    if database:
        os.environ["REGROW_DATABASE_URL"] = database
    os.umask(0o077)  # records are for the one who runs the clinic, not for others on the machine
    try:
        settings = database_settings(database_url())
        if settings["ENGINE"].endswith("sqlite3"):
            Path(settings["NAME"]).parent.mkdir(parents=True, exist_ok=True)
        data_folder().mkdir(parents=True, exist_ok=True, mode=0o700)
    except BadDatabaseUrl as mistake:
        raise Unusable(str(mistake)) from mistake
    except OSError as mistake:
        raise Unusable(
            f"the folder for the database cannot be made: {mistake.strerror}: {mistake.filename}"
        ) from mistake
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "regrow.clinic.site.settings")
    import django

    django.setup()


def _read_json(path: Path) -> Any:
    from decimal import Decimal

    try:
        return json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    except OSError as mistake:
        raise Unusable(f"{path}: cannot be read: {mistake.strerror}") from mistake
    except UnicodeDecodeError as mistake:
        raise Unusable(f"{path}: not UTF-8 text, so not a JSON document") from mistake
    except json.JSONDecodeError as mistake:
        raise Unusable(
            f"{path}:{mistake.lineno}: not JSON: {mistake.msg}, column {mistake.colno}"
        ) from mistake
    except RecursionError as mistake:
        raise Unusable(f"{path}: nested too deeply to be a record") from mistake


@app.command()
def score(
    instrument: Annotated[str, typer.Argument(help="Such as phq-9.")],
    answers: Annotated[str, typer.Option(help="Answers in order, by commas; - for a blank.")],
    as_json: Json = False,
) -> None:
    """Score an answer sheet.

    Example: regrow score phq-9 --answers 3,3,2,3,2,2,3,2,1 --json
    """
    from regrow import knowledge, scales

    given: list[int | None] = []
    for number, text in enumerate(answers.split(","), 1):
        if text.strip() == "-":
            given.append(None)
        elif text.strip().isdecimal():
            given.append(int(text))
        else:
            raise Unusable(f"answer {number}: {text!r} is not a whole number; mark a blank with -")
    scale = knowledge.scale(instrument)
    sheet = scales.score(scale, given)
    answer = {
        "instrument": sheet.instrument,
        "version": sheet.version,
        "scorable": sheet.scorable,
        "total": sheet.total,
        "severity": sheet.severity,
        "missing": list(sheet.missing),
        "why": sheet.why,
    }
    if scale.suicide_item:
        answer[f"item_{scale.suicide_item}"] = sheet.suicide_item
    _show(answer, as_json, sheet.why or f"{scale.title}: {sheet.total}, {sheet.severity}")


def _number(name: str, text: str) -> Any:
    from decimal import Decimal, InvalidOperation

    try:
        return Decimal(text)
    except InvalidOperation as mistake:
        raise Unusable(f"{name}: {text!r} is not a number") from mistake


@app.command()
def infusion(
    mg_per_kg: Annotated[str, typer.Option(help="Dose, mg/kg.")],
    weight_kg: Annotated[str, typer.Option(help="Weight, kg.")],
    vial_mg_per_ml: Annotated[str, typer.Option(help="Strength of the vial, mg/mL.")],
    bag_ml: Annotated[str, typer.Option(help="Volume in the bag, mL.")],
    minutes: Annotated[int, typer.Option(help="Length of the infusion, minutes.")],
    bag_policy: Annotated[str, typer.Option(help="added, or volume_neutral.")] = "added",
    as_json: Json = False,
) -> None:
    """The arithmetic of one infusion, exactly.

    Example: regrow infusion --mg-per-kg 0.5 --weight-kg 80 --vial-mg-per-ml 50 --bag-ml 100 --minutes 40 --json
    """
    from regrow.dosing import prepare_infusion

    made = prepare_infusion(
        mg_per_kg=_number("--mg-per-kg", mg_per_kg),
        weight_kg=_number("--weight-kg", weight_kg),
        vial_mg_per_ml=_number("--vial-mg-per-ml", vial_mg_per_ml),
        bag_ml=_number("--bag-ml", bag_ml),
        minutes=minutes,
        bag_policy=bag_policy,
    )

    def plain(value: Any) -> str:
        text = f"{value:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text

    answer = {
        "dose_mg": plain(made.dose_mg),
        "drawn_ml": f"{made.drawn_ml:f}",
        "prepared_mg": plain(made.prepared_mg),
        "total_ml": plain(made.total_ml),
        "rate_ml_per_h": f"{made.rate_ml_per_h:f}",
        "concentration_mg_per_ml": f"{made.concentration_mg_per_ml:f}",
        "mg_per_kg_per_h": f"{made.mg_per_kg_per_h:f}",
        "minutes": made.minutes,
    }
    sentence = (
        f"{answer['dose_mg']} mg: draw {answer['drawn_ml']} mL, {answer['total_ml']} mL in all, "
        f"{answer['rate_ml_per_h']} mL/h for {minutes} min"
    )
    _show(answer, as_json, sentence)


@app.command()
def candidacy(
    chart: Annotated[Path, typer.Argument(help="A chart; `regrow schema chart` documents it.")],
    at: Annotated[str, typer.Option(help="The day to judge on, YYYY-MM-DD.")],
    as_json: Json = False,
) -> None:
    """Who may be treated, by which route, and why.

    Example: regrow candidacy CHART.json --at 2026-11-24 --json
    """
    from datetime import date

    from regrow import knowledge
    from regrow.candidacy import determine
    from regrow.chart import read_chart

    try:
        on = date.fromisoformat(at)
    except ValueError as mistake:
        raise Unusable(f"--at: {at!r} is not a date; write it like 2026-11-24") from mistake
    result = determine(
        read_chart(_read_json(chart)), knowledge.candidacy_rules(), knowledge.antidepressants(), on=on
    )
    answer = {
        "determinations": [
            {
                "id": d.id,
                "state": d.state,
                "because": list(d.because),
                "missing": list(d.missing),
                "text": d.text,
            }
            for d in result.determinations
        ],
        "routes": [{"route": r.id, "state": r.state, "because": list(r.because)} for r in result.routes],
    }
    lines = [f"{d.state.replace('_', ' '):15} {d.text}" for d in result.determinations]
    lines += [f"{r.title}: {r.state}" for r in result.routes]
    _show(answer, as_json, "\n".join(lines))


@app.command("import")
def import_bundle(
    bundle: Annotated[
        Path, typer.Argument(metavar="BUNDLE.json", help="A FHIR R4 Bundle about one patient.")
    ],
    as_json: Json = False,
    database: Database = None,
) -> None:
    """Take a FHIR R4 Bundle into a chart.

    The same bundle twice changes nothing.

    Example: regrow import BUNDLE.json --json
    """
    from regrow.fhir import BadBundle, read_bundle

    try:
        read = read_bundle(_read_json(bundle))
    except BadBundle as mistake:
        raise Unusable(f"{bundle}: {mistake}") from mistake
    _django(database)
    _migrate()
    from regrow.clinic.audit import log
    from regrow.clinic.chart.facts import take_import
    from regrow.clinic.site.database import writing

    with writing():
        patient, changed = take_import(read, author="import")
        log.append(who="shell", role="", action="write", what="chart: import", patient=str(patient.id))
    answer = {
        "patient": str(patient.id),
        "name": patient.name,
        "taken": dict(read.taken),
        "left": [{"resource": item.resource, "count": item.count, "why": item.why} for item in read.left],
        "changed": changed,
    }
    taken = sum(read.taken.values())
    lines = [f"Took {taken} of {read.entries} entries for {patient.name} (chart {patient.mrn}):"]
    lines += [f"  {count} {kind}" for kind, count in read.taken.items()]
    lines += [f"Left {read.entries - taken}:"] + [f"  {i.count} {i.resource}: {i.why}" for i in read.left]
    lines += [f"{changed} facts changed." if changed else "Nothing changed: all of it was here already."]
    _show(answer, as_json, "\n".join(lines))


@app.command()
def schema(
    name: Annotated[str | None, typer.Argument(help="Which one; without it, their names.")] = None,
) -> None:
    """The JSON Schema of a file format the shell takes.

    Example: regrow schema chart
    """
    from regrow import knowledge

    if name is None:
        print("\n".join(knowledge.schema_names()))
    else:
        print(json.dumps(knowledge.schema(name), indent=2))


@knowledge_app.command("check")
def knowledge_check() -> None:
    """Check every knowledge file.

    Example: regrow knowledge check
    """
    from datetime import UTC, datetime

    from regrow import knowledge

    problems = knowledge.check(datetime.now(UTC).date())
    if problems:
        raise Unusable("\n".join(problems))
    print("All knowledge files are in order.")


def _migrate() -> None:
    from django.core.management import call_command
    from django.db import OperationalError

    try:
        call_command("migrate", verbosity=0, interactive=False)
    except OperationalError as mistake:
        raise Unusable(f"the database cannot be reached: {' '.join(str(mistake).split())}") from mistake


@app.command()
def migrate(database: Database = None) -> None:
    """Create the database, or bring it up to date.

    Example: regrow migrate --database sqlite:////srv/regrow/clinic.sqlite3
    """
    _django(database)
    _migrate()
    print("The database is up to date.")


@app.command()
def createadmin(
    username: Annotated[str, typer.Argument(help="The login name of the medical director.")],
    password: Annotated[str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True)],
    name: Annotated[str, typer.Option(help="Full name.")] = "",
    database: Database = None,
) -> None:
    """Make the first login: a medical director.

    Example: regrow createadmin dora --name "Dr Dora Okafor"
    """
    _django(database)
    _migrate()
    from django.contrib.auth.password_validation import validate_password
    from django.core.exceptions import ValidationError

    from regrow.clinic.accounts.models import User
    from regrow.clinic.accounts.roles import Role

    if User.objects.filter(username=username).exists():
        raise Unusable(f"there is a login called {username!r} already; choose another name")
    try:
        validate_password(password)
    except ValidationError as mistake:
        raise Unusable(" ".join(mistake.messages)) from mistake
    first, _, last = name.rpartition(" ")
    User.objects.create_user(
        username, password=password, role=Role.DIRECTOR, first_name=first, last_name=last
    )
    print(f"{username} may sign in as medical director.")


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="Where to put it; must not exist yet.")],
    database: Database = None,
) -> None:
    """Copy the whole database while the clinic runs.

    Example: regrow backup /mnt/stick/2026-11-24.sqlite3
    """
    _django(database)
    from .backup import BackupFailed, make_backup

    try:
        make_backup(file)
    except BackupFailed as mistake:
        raise Unusable(str(mistake)) from mistake
    print(f"Backed up to {file}.")


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A backup made by `regrow backup`.")], database: Database = None
) -> None:
    """Put a backup back, into a database that is empty.

    Example: regrow restore /mnt/stick/2026-11-24.sqlite3 --database sqlite:////srv/regrow/clinic.sqlite3
    """
    _django(database)
    from .backup import BackupFailed, restore_backup

    try:
        restore_backup(file)
    except BackupFailed as mistake:
        raise Unusable(str(mistake)) from mistake
    print(f"Restored from {file}.")


@audit_app.command("verify")
def audit_verify(database: Database = None) -> None:
    """Find a changed or missing row of the audit trail.

    Example: regrow audit verify
    """
    _django(database)
    from regrow.clinic.audit.log import verify

    problems = verify()
    if problems:
        raise Unusable("\n".join(problems))
    print("The audit trail is whole.")


Port = Annotated[int, typer.Option(min=1, max=65535, help="The port to listen on.")]
Host = Annotated[str, typer.Option(help="The address to listen on.")]


@app.command()
def serve(port: Port = 8000, host: Host = "127.0.0.1", database: Database = None) -> None:
    """Serve the clinic.

    Example: regrow serve --port 8000
    """
    from .serve import run

    run(host, port, setup=lambda: _ready(database))


@app.command()
def demo(port: Port = 8000, host: Host = "127.0.0.1", database: Database = None) -> None:
    """Start the demo clinic.

    Invented people at every stage of care, in a database of their own.

    Example: regrow demo --port 8000
    """
    from regrow.clinic.site.database import data_folder

    from .serve import run

    url = (
        database
        or os.environ.get("REGROW_DATABASE_URL")
        or f"sqlite:///{data_folder().absolute() / 'demo.sqlite3'}"
    )

    def ready() -> None:
        _ready(url)
        from regrow.clinic.demo import LOGINS, PASSWORD, make_demo

        made = make_demo(lambda what: print(f"  making {what} …", flush=True))
        print("The demo clinic is made." if made else "The demo clinic is there already.")
        print(f"Sign in with the password {PASSWORD} as:")
        for username, name, role, _ in LOGINS:
            print(f"  {username:6} {name}, {role.label.lower()}")

    run(host, port, setup=ready)


def _ready(database: str | None) -> None:
    print("  preparing the database …", flush=True)
    _django(database)
    _migrate()


@app.command("test", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def run_tests(
    only: Annotated[str | None, typer.Option(help="Only this part, such as unit or journeys.")] = None,
) -> None:
    """Run the whole test suite.

    Lint, types, import contracts, unit, property, browser, on SQLite and PostgreSQL.

    Example: regrow test --only unit
    """
    from .suite import run_suite

    sys.exit(run_suite(only))


@app.command()
def lock() -> None:
    """Write the lock files anew from pyproject.toml.

    Example: regrow lock
    """
    from .suite import write_locks

    sys.exit(write_locks())
