"""A clinic of several chairs in a database of its own, served by a process of its own, for what only that can show.

`python -m tests.live_clinic COUNT HISTORY_MIN` fills the database named by REGROW_DATABASE_URL and prints the chairs as JSON.
"""

import http.client
import json
import os
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.shell import put_empty_clinic

ROOT = Path(__file__).parents[1]
TOKEN = "t" * 32


@dataclass
class Served:
    """The server's process and the chairs it serves. `sign_in` is the nurse's cookie."""

    environment: Mapping[str, str]
    port: int
    chairs: list[str]
    sign_in: str
    process: subprocess.Popen[bytes] | None = field(default=None)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Starts the server; returns when it answers."""
        command = [sys.executable, "-m", "regrow", "serve", "--port", str(self.port)]
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
                connection.request("GET", "/login/")
                if connection.getresponse().status == 200:
                    return
            except OSError:
                time.sleep(0.02)
        raise TimeoutError("the server did not start")

    def kill(self) -> None:
        """SIGKILL: it may finish nothing."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def sender(self) -> "Sender":
        return Sender(self)


class Sender:
    """One tablet's connection, kept open."""

    def __init__(self, served: Served) -> None:
        self.served = served
        self.connection: http.client.HTTPConnection | None = None

    def send(self, chair: str, event: Mapping[str, Any]) -> int | None:
        """The number under which an event was kept; None when the server is away. Anything else raises."""
        try:
            if self.connection is None:
                self.connection = http.client.HTTPConnection("127.0.0.1", self.served.port, timeout=10)
            headers = {
                "Content-Type": "application/json",
                "Accept": "application/json",
                "Cookie": f"sessionid={self.served.sign_in}; csrftoken={TOKEN}",
                "X-CSRFToken": TOKEN,
            }
            self.connection.request("POST", f"{chair}events/", json.dumps({"events": [event]}), headers)
            response = self.connection.getresponse()
            answer = json.loads(response.read())
        except (OSError, http.client.HTTPException, json.JSONDecodeError):
            self.connection = None
            return None
        (taken,) = answer["taken"]
        assert not taken["refused"], taken
        number: int = taken["number"]
        return number


def vital(systolic_mmhg: int) -> dict[str, Any]:
    """A reading as a tablet sends it, with an id of its own."""
    return {
        "id": str(uuid.uuid4()),
        "kind": "vital",
        "data": {
            "systolic_mmhg": systolic_mmhg,
            "diastolic_mmhg": 70,
            "pulse_per_min": 70,
            "spo2_percent": 98,
        },
        "device_time": datetime.now(UTC).isoformat(),
    }


def serve(url: str, folder: Path, *, chairs: int, history_min: int = 0) -> Served:
    """Makes the clinic in an empty database and starts its server."""
    environment = {
        **os.environ,
        "REGROW_DATABASE_URL": url,
        "REGROW_DATA": str(folder),
        "DJANGO_SETTINGS_MODULE": "regrow.web.platform.settings",
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'src'}",
    }
    made = subprocess.run(
        [sys.executable, "-m", "tests.live_clinic", str(chairs), str(history_min)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    told = json.loads(made.stdout.splitlines()[-1])
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    served = Served(environment, port, told["chairs"], told["sign_in"])
    served.start()
    return served


@contextmanager
def a_served_clinic(folder: Path, *, chairs: int) -> Iterator[Served]:
    """A served clinic on the database of this run: a file of its own, or a database of its own on the server."""
    url = os.environ["REGROW_DATABASE_URL"]
    if url.startswith("sqlite"):
        put_empty_clinic(folder)
        own = f"sqlite:///{folder}/clinic.sqlite3"
    else:
        import psycopg

        name = f"served_{uuid.uuid4().hex[:10]}"
        with psycopg.connect(url, autocommit=True) as admin:
            admin.execute(f'CREATE DATABASE "{name}"')
        own = urlsplit(url)._replace(path=f"/{name}").geturl()
    served = serve(own, folder, chairs=chairs)
    try:
        yield served
    finally:
        served.kill()


def _fill(chairs: int, history_min: int) -> dict[str, Any]:
    import django

    django.setup()
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore
    from django.core.management import call_command

    from regrow.web.accounts.models import User
    from regrow.web.accounts.roles import Role
    from regrow.web.appointments.models import Appointment, Chair
    from regrow.web.assessments.models import QuestionnaireResponse
    from regrow.web.courses.models import Course
    from regrow.web.dosing_sessions.services import append, record_presence, rules_of
    from regrow.web.patients.services import new_patient, record
    from regrow.web.platform import clock
    from regrow.web.platform.content import knowledge
    from regrow.web.platform.database import writing
    from regrow.web.signing.models import SignedValues
    from regrow.web.treatment.decisions import sign_decision
    from regrow.web.treatment.sessions import open_session

    call_command("migrate", verbosity=0, interactive=False)
    now = datetime.now(UTC)
    begun = now - timedelta(minutes=history_min + 15)
    made = []
    with writing(), clock.using(lambda: begun):
        nina, noel, lin = (
            User.objects.create_user(name, password="a long password", role=role)
            for name, role in (("nina", Role.NURSE), ("noel", Role.NURSE), ("lin", Role.PRESCRIBER))
        )
        protocol = knowledge.protocol("iv-weekly-6")
        signature = SignedValues.objects.create(
            kind="protocol",
            file_id=protocol.id,
            version=protocol.version,
            values=dict(knowledge.demo_limits(protocol.id)),
            signed_by=lin,
            signed_at=begun,
        )
        record_presence(lin, True)
        for n in range(chairs):
            patient = new_patient(name=f"Person {n}", owner=lin, phone=f"917-555-{n:04d}")
            weight = {"kind": "weight", "value": "80", "unit": "kg", "at": begun.isoformat()}
            record(patient, "measurement", weight, author="lin")
            QuestionnaireResponse.objects.create(
                patient=patient,
                instrument="phq-9",
                version=1,
                answers=[2] * 8 + [0],
                sent_at=begun,
                completed_at=begun,
            )
            course = Course.objects.create(
                patient=patient, signature=signature, planned_by=lin, planned_at=begun
            )
            appointment = Appointment.objects.create(
                course=course,
                number=1,
                chair=Chair.objects.create(name=f"Chair {n + 1:02d}"),
                nurse=nina,
                starts_at=now,
                ends_at=now + timedelta(hours=2),
            )
            sign_decision(course, choice="accepted", dose="0.5", reason="", signed_by=lin)
            session = open_session(appointment, by=nina)
            made.append(session)
        for session in made:
            checks = [("check", {"check": i.id}) for i in rules_of(session).before if i.kind == "check"]
            pressure = vital(120)["data"]
            steps = [
                (nina, "identity", {"by": ["name", "born", "mrn"]}),
                *((nina, *check) for check in checks),
                (
                    nina,
                    "draw",
                    {"container": f"vial {session.id}", "size_mg": "500", "drawn_mg": "40", "lot": "x"},
                ),
                (noel, "double_check", {}),
                (nina, "vital", pressure),
                (nina, "start", {}),
            ]
            for minute, (author, kind, data) in enumerate(steps, 1):
                with clock.using(lambda at=begun + timedelta(minutes=minute): at):
                    append(session, kind, data, author=author)
            for second in range(0, history_min * 60, 10):
                with clock.using(lambda at=now - timedelta(minutes=history_min, seconds=-second): at):
                    append(session, "vital", pressure, author=nina)
    store = SessionStore()
    store[SESSION_KEY] = str(nina.pk)
    store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    store[HASH_SESSION_KEY] = nina.get_session_auth_hash()
    store.save()
    chairs_made = [f"/patients/{s.appointment.course.patient_id}/sessions/{s.id}/" for s in made]
    return {"chairs": chairs_made, "sign_in": store.session_key}


if __name__ == "__main__":
    print(json.dumps(_fill(int(sys.argv[1]), int(sys.argv[2]))))
