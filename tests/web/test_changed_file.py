"""A knowledge file that is changed under the same version does not keep its signature."""

from pathlib import Path

import pytest
from django.test import Client

from regrow.web.accounts.roles import Role
from regrow.web.platform.access import ActionRefused
from regrow.web.platform.content import knowledge, refresh
from regrow.web.signing.api import protocol_in_force, sign_values
from regrow.web.treatment.decisions import sign_decision
from regrow.web.treatment.sessions import open_session

pytestmark = pytest.mark.django_db
PROTOCOL = "iv-weekly-6"


@pytest.fixture
def clinic_protocol(small_clinic, tmp_path: Path, settings, clock):
    """The clinic's own version of the protocol, in force, and the course under its signature; yields the file."""
    ours = knowledge.document("protocol", PROTOCOL)
    text = ours.path.read_text(encoding="utf-8")
    file = tmp_path / "protocols" / f"{PROTOCOL}.yaml"
    file.parent.mkdir()
    version = ours.version + 1
    for old, new in (
        (f"version: {ours.version}\n", f"version: {version}\n"),
        (f"effective: {ours.effective}", f"effective: {clock.at.date()}"),
    ):
        assert old in text
        text = text.replace(old, new, 1)
    file.write_text(text, encoding="utf-8")
    settings.KNOWLEDGE_FOLDER = tmp_path
    assert refresh(tmp_path, today=lambda: clock.at.date()) == []
    assert knowledge.protocol(PROTOCOL).version == version
    signed = sign_values(
        "protocol",
        PROTOCOL,
        version,
        small_clinic.course.signature.values,
        by=small_clinic.staff[Role.DIRECTOR],
    )
    small_clinic.course.signature = signed
    small_clinic.course.save()
    yield file
    settings.KNOWLEDGE_FOLDER = None
    refresh(None, today=lambda: clock.at.date())


def change(file: Path, tmp_path: Path, clock) -> None:
    text = file.read_text(encoding="utf-8")
    assert "at_least: 5" in text
    file.write_text(text.replace("at_least: 5", "at_least: 1"), encoding="utf-8")
    assert refresh(tmp_path, today=lambda: clock.at.date()) == []


def sign(small_clinic) -> None:
    sign_decision(
        small_clinic.course,
        choice="accepted",
        dose="0.5",
        reason="",
        signed_by=small_clinic.staff[Role.PRESCRIBER],
    )


def test_limits_signed_for_the_text_before_are_not_in_force(clinic_protocol, tmp_path: Path, clock) -> None:
    assert protocol_in_force(PROTOCOL) is not None
    change(clinic_protocol, tmp_path, clock)
    assert protocol_in_force(PROTOCOL) is None


def test_no_dose_is_signed_under_a_changed_protocol(
    clinic_protocol, small_clinic, answered, tmp_path: Path, clock
) -> None:
    change(clinic_protocol, tmp_path, clock)
    with pytest.raises(ActionRefused, match="was changed after it was signed"):
        sign(small_clinic)


def test_no_session_starts_under_a_protocol_changed_after_the_order(
    clinic_protocol, small_clinic, answered, tmp_path: Path, clock
) -> None:
    sign(small_clinic)
    change(clinic_protocol, tmp_path, clock)
    with pytest.raises(ActionRefused, match="was changed after it was signed"):
        open_session(small_clinic.appointment, by=small_clinic.staff[Role.NURSE])


def test_a_knowledge_folder_made_while_the_server_runs_is_used(
    small_clinic, tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.setenv("REGROW_DATA", str(tmp_path))
    coordinator = Client()
    coordinator.force_login(small_clinic.staff[Role.COORDINATOR])
    place = f"/patients/{small_clinic.patient.id}/coverage/"
    assert 'href="?payer=aetna"' not in coordinator.get(place).content.decode()
    payer = knowledge.document("payer", "cigna").path.read_text(encoding="utf-8")
    (tmp_path / "knowledge" / "payers").mkdir(parents=True)
    (tmp_path / "knowledge" / "payers" / "aetna.yaml").write_text(
        payer.replace("id: cigna", "id: aetna").replace("title: Cigna", "title: Aetna"), encoding="utf-8"
    )
    assert "Aetna" in coordinator.get(place).content.decode()
