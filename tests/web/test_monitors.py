"""Patient monitors: pairing, stored readings, rejected and late messages."""

import os
import re
import subprocess
import sys
import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from regrow.interop.hl7v2 import oru_of
from regrow.session import Kind
from regrow.web.accounts.keys import make_key
from regrow.web.accounts.roles import Role
from regrow.web.audit.models import AuditRow
from regrow.web.dosing_sessions.models import DosingSession, Monitor, Pairing, SessionEvent
from regrow.web.dosing_sessions.services import append, persist, state_of
from regrow.web.platform.content import knowledge
from regrow.web.treatment.models import DoseDecision
from regrow.web.treatment.orders import order_event_data
from tests.core.test_monitors import PULSE

pytestmark = pytest.mark.django_db


def oru(
    clock, id: str, *, device="MON-7", patient="", ago_s: float = 0, off_s: float = 0, **values: int
) -> str:
    """A message sent now, of a reading `ago_s` ago, by a clock that is `off_s` wrong."""
    rules = knowledge.monitor()
    at = clock.at + timedelta(seconds=off_s - ago_s)
    lines = []
    for name, value in values.items():
        unit = next(u for u in rules.signs[name].units if u.startswith("MDC_"))
        lines.append((at, min(rules.signs[name].mdc), name, unit, value))
    text = oru_of(id, device, patient, lines)
    stamp = f"{clock.at + timedelta(seconds=off_s):%Y%m%d%H%M%S}.000+0000"
    return re.sub(r"\d{14}\.\d{3}\+0000\|\|ORU", f"{stamp}||ORU", text, count=1)


@pytest.fixture
def chair(small_clinic, session, clock):
    """A session whose nurse can pair a monitor, and a gateway that sends."""

    class Chair:
        key = make_key("gateway")
        nurse = Client()
        gateway = Client()

        def __init__(self) -> None:
            self.nurse.force_login(small_clinic.staff[Role.NURSE])
            self.address = reverse("monitors", args=[small_clinic.patient.id, session.id])

        def send(self, text: str) -> str:
            header = {"Authorization": f"Bearer {self.key}"}
            answer = self.gateway.post(reverse("monitors-hl7"), text, "application/hl7-v2", headers=header)
            return answer.content.decode()

        def pair(self, device: str = "MON-7"):
            return self.nurse.post(self.address, {"device": device}, headers={"Accept": "application/json"})

        def paired(self) -> "Chair":
            self.send(oru(clock, "hello", pulse_per_min=70))
            assert self.pair().status_code == 200
            clock.at += timedelta(minutes=1)
            return self

        @property
        def readings(self) -> list[dict]:
            return [e.data for e in session.events.filter(kind="vital")]

    return Chair()


@pytest.mark.database
def test_no_reading_is_stored_before_pairing(chair, clock) -> None:
    answer = chair.send(oru(clock, "1", systolic_mmhg=128, diastolic_mmhg=80))
    assert "MSA|AE|1" in answer and "is not paired; pair it" in answer
    assert chair.readings == []
    (row,) = chair.nurse.get(chair.address).json()["monitors"]
    assert (row["device"], row["last_message"]["systolic_mmhg"], row["here"]) == ("MON-7", 128, False)

    assert chair.pair().json()["monitors"][0]["here"]
    clock.at += timedelta(seconds=5)
    assert "MSA|AA|2" in chair.send(oru(clock, "2", systolic_mmhg=130, diastolic_mmhg=82))
    assert chair.readings == [{"systolic_mmhg": 130, "diastolic_mmhg": 82, "source": "monitor MON-7"}]


def test_a_reading_waits_for_a_signature_and_alarms_like_any_other(
    chair, session, small_clinic, clock
) -> None:
    chair.paired().send(oru(clock, "1", systolic_mmhg=128, diastolic_mmhg=80))
    state = state_of(session, clock.at)

    assert (state.unsigned_vitals, state.vitals[-1].event.author) == (1, "monitor MON-7")
    clock.at += timedelta(seconds=1)
    append(session, "identity", {"by": ["name", "born"]}, author=small_clinic.staff[Role.NURSE])
    append(session, "sign", {}, author=small_clinic.staff[Role.NURSE])
    assert state_of(session, clock.at).unsigned_vitals == 0


@pytest.mark.database
def test_the_same_message_again_is_acknowledged_and_changes_nothing(chair, clock) -> None:
    message = oru(clock, "1", systolic_mmhg=128, diastolic_mmhg=80)
    chair.paired()
    message = oru(clock, "1", systolic_mmhg=128, diastolic_mmhg=80)
    for _ in range(3):
        assert "MSA|AA|1" in chair.send(message)
        clock.at += timedelta(seconds=20)
    assert len(chair.readings) == 1
    other = message.replace("|128|", "|168|")
    assert "MSA|AE|1" in chair.send(other) and len(chair.readings) == 1


def test_a_monitor_that_names_another_patient_is_refused_and_the_nurse_sees_why(
    chair, small_clinic, clock
) -> None:
    answer = chair.paired().send(oru(clock, "1", patient="999999", systolic_mmhg=128, diastolic_mmhg=80))

    assert "MSA|AE|1\rERR|||204" in answer and "names patient 999999" in answer
    assert chair.readings == []
    assert "names patient 999999" in chair.nurse.get(chair.address).json()["monitors"][0]["problem"]
    right = oru(clock, "2", patient=small_clinic.patient.mrn, systolic_mmhg=128, diastolic_mmhg=80)
    assert "MSA|AA|2" in chair.send(right)


def test_a_late_message_is_stored_at_its_time_and_marked_late(chair, session, clock) -> None:
    chair.paired()
    clock.at += timedelta(minutes=10)
    assert "MSA|AA|2" in chair.send(oru(clock, "2", systolic_mmhg=140, diastolic_mmhg=88))
    assert "MSA|AA|1" in chair.send(oru(clock, "1", ago_s=300, systolic_mmhg=120, diastolic_mmhg=78))

    first, second = state_of(session, clock.at).vitals
    assert (first.data["systolic_mmhg"], first.event.late) == (120, True)
    assert (second.data["systolic_mmhg"], second.event.late) == (140, False)


def test_a_reading_from_before_the_pairing_is_rejected(chair, clock) -> None:
    answer = chair.paired().send(oru(clock, "1", ago_s=600, systolic_mmhg=120, diastolic_mmhg=78))

    assert "MSA|AE|1" in answer and "before the pairing" in answer


def test_a_monitor_whose_clock_is_an_hour_wrong_is_read_by_the_clinics_clock(chair, session, clock) -> None:
    """The smallest difference seen is the clock's own: a message that waited does not move it."""
    chair.paired()
    for id, waited in (("1", 0), ("2", 40)):
        text = oru(clock, id, off_s=-3600, systolic_mmhg=120, diastolic_mmhg=78)
        clock.at += timedelta(seconds=waited)
        assert f"MSA|AA|{id}" in chair.send(text)
        clock.at += timedelta(seconds=20)
    times = [e.at for e in state_of(session, clock.at).vitals]

    assert times[1] - times[0] == timedelta(seconds=20)
    assert Pairing.objects.get(ended_at=None).clock_offset_ms == 3_600_000


def test_one_in_ten_of_the_readings_per_second_is_stored_and_every_pressure(chair, clock) -> None:
    chair.paired()
    every = knowledge.monitor().keep_every_s
    rows = AuditRow.objects.count()
    for n in range(3 * every):
        pressure = {"systolic_mmhg": 128, "diastolic_mmhg": 80} if n == every // 2 else {}
        assert "MSA|AA" in chair.send(oru(clock, f"m{n}", pulse_per_min=70, spo2_percent=98, **pressure))
        clock.at += timedelta(seconds=1)

    kept = [reading for reading in chair.readings if "systolic_mmhg" not in reading]
    assert 2 <= len(kept) <= 3
    assert len(chair.readings) == len(kept) + 1
    assert AuditRow.objects.count() - rows == len(chair.readings)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"spo2_percent": 12}, "cannot be; enter a value from 50 to 100"),
        ({"systolic_mmhg": 128}, "Blood pressure needs both values"),
        ({"systolic_mmhg": 80, "diastolic_mmhg": 120}, "the upper value must be above the lower one"),
    ],
)
def test_a_reading_that_cannot_be_is_refused_whole(chair, clock, values, words: str) -> None:
    answer = chair.paired().send(oru(clock, "1", **values))

    assert "MSA|AE|1\rERR|||102" in answer and words in answer
    assert chair.readings == []


@pytest.mark.database
def test_a_monitor_has_one_pairing_which_ends_with_its_session(chair, session, small_clinic, clock) -> None:
    chair.paired()
    decision = DoseDecision.objects.get(id=session.decision_id)
    decision.pk, decision._state.adding = uuid.uuid4(), True
    decision.save()
    other = DosingSession.objects.create(
        appointment=small_clinic.course.appointments.all()[1],
        decision_id=decision.id,
        opened_by=small_clinic.staff[Role.NURSE],
        opened_at=clock.at,
    )
    order = order_event_data(decision)
    persist(other, Kind.ORDER, order, author=small_clinic.staff[Role.PRESCRIBER])
    address = reverse("monitors", args=[small_clinic.patient.id, other.id])
    taken = chair.nurse.post(address, {"device": "MON-7"}, headers={"Accept": "application/json"})
    assert taken.status_code == 409 and "is paired with Chair" in taken.json()["problem"]

    append(session, "identity", {"by": ["name", "born"]}, author=small_clinic.staff[Role.NURSE])
    append(session, "close", {"reason": "did not come"}, author=small_clinic.staff[Role.NURSE])
    assert "is not paired" in chair.send(oru(clock, "1", pulse_per_min=70))
    chair.nurse.post(address, {"device": "MON-7"})
    clock.at += timedelta(seconds=1)
    assert "MSA|AA|2" in chair.send(oru(clock, "2", pulse_per_min=70))
    assert SessionEvent.objects.get(kind="vital").session_id == other.id


def test_a_monitor_without_messages_cannot_be_paired(chair) -> None:
    answer = chair.pair("MON-9")

    assert (answer.status_code, answer.json()["problem"]) == (
        409,
        "No recent message from monitor 'MON-9'. Turn it on and reload the list.",
    )


def test_fhir_observations_are_stored_like_hl7_messages(chair, clock) -> None:
    import json

    chair.paired()
    one = {**PULSE, "effectiveDateTime": clock.at.isoformat()}
    one.pop("subject")

    def send(resource: dict):
        body, header = json.dumps(resource), {"Authorization": f"Bearer {chair.key}"}
        return chair.gateway.post(reverse("monitors-fhir"), body, "application/fhir+json", headers=header)

    assert send(one).json()["issue"][0]["severity"] == "information"
    assert chair.readings[-1] == {"pulse_per_min": 71, "source": "monitor MON-7"}
    wrong = send({**one, "id": "x", "device": {"identifier": {"value": "MON-8"}}})
    assert (wrong.status_code, "is not paired" in wrong.json()["issue"][0]["diagnostics"]) == (
        422,
        True,
    )
    assert send([]).status_code == 400


def said_by_the_simulated_monitor(site: str, key: str, *more: str) -> str:
    """What `regrow vitals simulate` heard from `regrow vitals listen`, each in its own process, over loopback."""
    regrow = [sys.executable, "-m", "regrow", "vitals"]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        [*regrow, "listen", "--port", "0", "--site", site, "--key", key],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=environment,
    ) as listening:
        try:
            assert listening.stdout is not None
            where = re.search(r"send to ([\d.]+:\d+)", listening.stdout.readline())
            assert where is not None
            return subprocess.run(
                [*regrow, "simulate", "--to", where[1], *more],
                capture_output=True,
                text=True,
                check=True,
                env=environment,
                timeout=60,
            ).stdout
        finally:
            listening.terminate()


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_a_simulated_monitor_reaches_the_clinic_over_a_real_socket(live_server) -> None:
    said = said_by_the_simulated_monitor(
        live_server.url, make_key("gateway"), "--count", "2", "--every-s", "0.1"
    )

    assert said.count("MSA|AE|") == 2
    assert "Monitor SIM-1 is not paired" in said
    assert Monitor.objects.get(device="SIM-1").last_message["spo2_percent"] == 98


@pytest.mark.database
def test_when_the_clinic_is_away_the_monitor_is_asked_to_send_again() -> None:
    said = said_by_the_simulated_monitor("http://127.0.0.1:9", "k", "--count", "1")

    assert "MSA|AE|" in said and "send the message again" in said


def test_a_key_can_be_made_before_anything_else_is_there(tmp_path) -> None:
    environment = {**os.environ, "REGROW_DATA": str(tmp_path)}
    database = ["--database", f"sqlite:///{tmp_path}/clinic.sqlite3"]
    made = subprocess.run(
        [sys.executable, "-m", "regrow", "vitals", "key", "gateway", *database],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )

    assert (made.returncode, made.stderr) == (0, "")
    assert len(made.stdout.strip()) >= 32
