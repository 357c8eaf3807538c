"""Dosing pages: statements, replay of past suggestions, shadow mode."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from regrow.dosing import Outcome
from regrow.knowledge.repository import DATA
from regrow.web.accounts.roles import Role
from regrow.web.alerts.models import SafetyAlert
from regrow.web.assessments.models import QuestionnaireResponse
from regrow.web.courses.models import ClinicianStatement
from regrow.web.dosing_sessions.models import DosingSession
from regrow.web.patients.services import record
from regrow.web.platform.access import ActionRefused
from regrow.web.platform.content import knowledge, refresh
from regrow.web.treatment.course_builder import build_course
from regrow.web.treatment.decisions import sign_decision, suggestion_of
from regrow.web.treatment.dose_response import dose_response_evidence, sign_weights, weights_in_force
from regrow.web.treatment.models import DoseDecision, HypothesisWeights
from regrow.web.treatment.replay import replayed, shadow
from regrow.web.treatment.statements import record_statement
from tests.session_factory import give

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(small_clinic, clock):
    """Weeks of a course: a score, a signed order, a session given in full."""

    class Desk:
        course, patient, staff = small_clinic.course, small_clinic.patient, small_clinic.staff

        @property
        def clock(self):
            return clock

        def answer(self, total: int, item_9: int = 0) -> QuestionnaireResponse:
            answers = [min(3, max(0, total - 3 * n)) for n in range(8)]
            assert sum(answers) + item_9 == total
            return QuestionnaireResponse.objects.create(
                patient=self.patient,
                instrument="phq-9",
                version=knowledge.scale("phq-9").version,
                answers=[*answers, item_9],
                sent_at=clock.at,
                completed_at=clock.at,
            )

        def sign(self, dose: str | None = None, reason: str = "as talked over", **more) -> DoseDecision:
            said = suggestion_of(self.course)
            choice = "accepted" if dose is None else "changed"
            return sign_decision(
                self.course,
                choice=choice,
                dose=dose or str(said.dose),
                reason="" if dose is None else reason,
                signed_by=self.staff[Role.PRESCRIBER],
                **more,
            )

        def give(self, *, tolerated: bool = True) -> DosingSession:
            decision = DoseDecision.objects.latest("signed_at")
            made = give(decision, nurse=self.staff[Role.NURSE], at=clock.at, tolerated=tolerated)
            clock.at += timedelta(days=7)
            return made

        def word(self, kind: str, about: str = "", by: Role = Role.PRESCRIBER) -> ClinicianStatement:
            clock.at += timedelta(minutes=1)
            return record_statement(
                self.course, kind=kind, about=about, text="spoke at length", by=self.staff[by]
            )

    return Desk()


def weeks(desk, totals, **given) -> list[DoseDecision]:
    """One decision a week by the rule, and the session after it."""
    made = []
    for total in totals:
        desk.answer(total)
        made.append(desk.sign())
        desk.give(**given)
    return made


def test_the_administered_dose_includes_tolerability(desk) -> None:
    weeks(desk, [21])
    (dose,) = build_course(desk.course).doses

    assert (str(dose.ordered), dose.unit, str(dose.delivered_percent), dose.tolerated) == (
        "0.5",
        "mg/kg",
        "100.0",
        True,
    )
    assert (dose.systolic_rise_mmhg, str(dose.minutes), str(dose.weight_kg)) == (21, "40.0", "80.0")


@pytest.mark.database
def test_every_past_suggestion_is_made_again_from_the_records_of_its_time(desk, clock) -> None:
    made = weeks(desk, [21, 20, 15, 15, 9])
    record(
        desk.patient,
        "measurement",
        {"kind": "weight", "value": "88", "unit": "kg", "at": clock.at.isoformat()},
        author="n",
    )
    desk.answer(24)
    SafetyAlert.objects.create(
        patient=desk.patient, text="!", assigned_to=desk.staff[Role.PRESCRIBER], raised_at=clock.at
    )

    again = [replayed(d) for d in made]
    assert [r.same for r in again] == [True] * 5
    assert [r.kept["dose_mg_per_kg"] for r in again] == ["0.5", "0.6", "0.75", "0.9", "0.9"]


@pytest.mark.database
def test_a_review_that_was_decided_does_not_change_the_replay_of_its_own_suggestion(desk) -> None:
    weeks(desk, [21, 20, 20])
    desk.answer(20)
    assert suggestion_of(desk.course).outcome is Outcome.REVIEW
    decided = desk.sign("0.9")

    assert replayed(decided).same
    desk.give()
    desk.answer(20)
    assert (
        suggestion_of(desk.course).outcome is Outcome.HOLD
    )  # at the cap, the question is not asked again yet


def test_a_changed_rule_file_leaves_replays_as_they_were_and_changes_what_is_suggested_next(
    desk, tmp_path
) -> None:
    made = weeks(desk, [21, 20])
    folder = tmp_path / "titrations"
    folder.mkdir()
    ours = (DATA / "titrations/weekly-6.yaml").read_text()
    changed = ours.replace("version: 1\n", "version: 2\nchange: The second step is left out\n", 1)
    (folder / "weekly-6.yaml").write_text(
        changed.replace('["0.5", "0.6", "0.75", "0.9"]', '["0.5", "0.75", "0.9"]')
    )
    try:
        assert refresh(tmp_path, today=lambda: date(2027, 1, 1)) == []
        assert [replayed(d).same for d in made] == [True, True]
        new = knowledge.titration("weekly-6")
        assert new.version == 2
        result = shadow(new, "iv-weekly-6")
        assert (result.decisions, [(str(d.signed.dose), str(d.other.dose)) for d in result.differ]) == (
            2,
            [("0.6", "0.75")],
        )
    finally:
        refresh(None, today=lambda: date(2027, 1, 1))


def test_shadow_writes_nothing_and_shows_where_another_rule_differs(desk) -> None:
    weeks(desk, [21, 20])
    client = Client()
    client.force_login(desk.staff[Role.DIRECTOR])
    before = (DoseDecision.objects.count(), ClinicianStatement.objects.count())
    page = client.get(reverse("shadow", args=["iv-weekly-6"]), {"rule": "fixed-half.v1"})

    assert "differs at 1 of 2 decisions, in 1 course" in " ".join(page.content.decode().split())
    assert before == (DoseDecision.objects.count(), ClinicianStatement.objects.count())
    assert client.get(reverse("shadow", args=["iv-weekly-6"]), {"rule": "nonsense"}).status_code == 409


def test_a_worse_patient_is_contacted_before_a_dose_is_ordered(desk) -> None:
    weeks(desk, [18])
    desk.answer(21)
    assert suggestion_of(desk.course).outcome is Outcome.CONTACT_TODAY
    with pytest.raises(ActionRefused, match="Contact the patient first"):
        desk.sign("0.5")
    desk.word("contact")

    assert suggestion_of(desk.course).outcome is Outcome.NONE
    assert desk.sign("0.5").order["mg_per_kg"] == "0.5"


def test_a_session_not_tolerated_steps_down_and_blocks_until_cleared(desk) -> None:
    weeks(desk, [21])
    desk.answer(20)
    desk.sign()
    bad = desk.give(tolerated=False)
    desk.answer(16)
    assert str(suggestion_of(desk.course).dose) == "0.5"
    desk.sign()
    desk.give()
    desk.answer(16)
    assert "blocked" in (suggestion_of(desk.course).bounded_by or "")
    with pytest.raises(ActionRefused, match="not well tolerated"):
        desk.word("clearance", "another")
    desk.word("clearance", str(bad.id))

    assert str(suggestion_of(desk.course).dose) == "0.6"


def test_a_weight_basis_is_changed_deliberately_and_then_stays(desk, clock) -> None:
    with pytest.raises(ActionRefused, match="needs the height"):
        desk.word("weight_basis", "ideal")
    record(
        desk.patient,
        "measurement",
        {"kind": "height", "value": "170", "unit": "cm", "at": clock.at.isoformat()},
        author="n",
    )
    desk.patient.sex = "female"
    desk.patient.save()
    desk.word("weight_basis", "adjusted")
    desk.answer(21)
    order = desk.sign().order

    assert (order["weight_basis"], order["weight_kg"], order["actual_kg"]) == ("adjusted", "68.9", "80.0")


@pytest.mark.database
def test_only_the_director_switches_the_estimate_and_a_word_is_never_changed(desk) -> None:
    with pytest.raises(ActionRefused, match="medical director"):
        desk.word("estimate_off")
    word = desk.word("estimate_off", by=Role.DIRECTOR)
    assert [w.kind for w in build_course(desk.course).words] == ["estimate_off"]
    with pytest.raises(Exception, match="append-only"), transaction.atomic():
        ClinicianStatement.objects.filter(id=word.id).update(text="never said")
    with pytest.raises(IntegrityError), transaction.atomic():
        ClinicianStatement.objects.create(
            course=desk.course, kind="contact", text="", by=desk.staff[Role.NURSE], at=word.at
        )
    assert connection.connection is not None


def test_a_slip_of_the_decimal_point_is_caught_before_it_is_signed(desk) -> None:
    desk.answer(21)
    with pytest.raises(ActionRefused, match=r"5 is ten times 0\.5"):
        desk.sign("5")
    with pytest.raises(ActionRefused, match=r"0\.05 is a tenth of 0\.5"):
        desk.sign("0.05")


def test_what_courses_say_of_dose_takes_effect_only_when_the_director_signs(desk) -> None:
    weeks(desk, [21, 20, 15])
    desk.answer(14)
    before = dict(weights_in_force(desk.clock.at))
    found = dose_response_evidence()
    assert (found.courses, found.left_out, [b.courses for b in found.batches]) == (1, 0, [1])
    assert dict(found.in_force) == before
    assert sum(found.suggested.values()) == pytest.approx(1)
    assert dict(found.suggested) != before
    with pytest.raises(ActionRefused, match="Only the medical director can sign"):
        sign_weights(by=desk.staff[Role.PRESCRIBER], reason="it looks right")
    with pytest.raises(ActionRefused, match="Enter why"):
        sign_weights(by=desk.staff[Role.DIRECTOR], reason=" ")
    past = DoseDecision.objects.latest("signed_at").suggested["estimate"]["known_answers"]
    signed = sign_weights(by=desk.staff[Role.DIRECTOR], reason="a quiet quarter, one team")

    assert dict(weights_in_force(desk.clock.at)) == signed.weights
    decided = desk.sign().suggested["estimate"]["known_answers"]
    assert decided == {name: round(w, 3) for name, w in signed.weights.items()}
    assert past == before
    with pytest.raises(Exception, match="append-only"), transaction.atomic():
        HypothesisWeights.objects.filter(id=signed.id).update(reason="changed")


def test_the_registry_page_shows_the_weights_and_is_signed_by_the_director(desk) -> None:
    weeks(desk, [21, 20])
    client = Client()
    client.force_login(desk.staff[Role.DIRECTOR])
    page = client.get(reverse("dose-response")).content.decode()
    assert "1 course counted" in page
    client.post(reverse("dose-response"), {"reason": "the same team all year"})

    assert "weights signed by" in client.get(reverse("dose-response")).content.decode()
