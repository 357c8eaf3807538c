"""The form that signs a protocol's limits is built from the catalog of limits."""

import re
from pathlib import Path

import pytest
from django.test import Client

from regrow.knowledge.repository import DATA
from regrow.web.accounts.roles import Role
from regrow.web.platform.content import knowledge, refresh
from regrow.web.signing.models import SignedValues

pytestmark = pytest.mark.django_db
SIGN = "/protocols/iv-weekly-6/sign/"
GLUCOSE = (
    "id: our-limits\nversion: 1\neffective: 2026-10-01\ntitle: Our limits\nsigned_by: medical director\nmark: CFG\n"
    "source: our-director\nsources: {our-director: {title: Our director, where: docs/signed.md}}\nlimits:\n"
    '  glucose_below_mg_per_dl: {label: "Do not start below: glucose", unit: mg/dL, min: "20", max: "200", decimals: 0}\n'
)


@pytest.fixture
def director(small_clinic) -> Client:
    client = Client()
    client.force_login(small_clinic.staff[Role.DIRECTOR])
    return client


@pytest.fixture
def folder(tmp_path, settings, clock):
    """A clinic's folder whose protocol names one more limit."""
    text = (DATA / "protocols/iv-weekly-6.yaml").read_text(encoding="utf-8")
    text = re.sub(r"^version: (\d+)", lambda m: f"version: {int(m[1]) + 1}", text, count=1, flags=re.M)
    text = re.sub(r"^effective: .*", "effective: 2026-10-01", text, flags=re.M)
    text = text.replace("limits:\n", "limits:\n  glucose_below_mg_per_dl: optional\n", 1)
    (tmp_path / "protocols").mkdir()
    (tmp_path / "protocols/iv-weekly-6.yaml").write_text(text, encoding="utf-8")
    settings.KNOWLEDGE_FOLDER = tmp_path
    yield tmp_path
    refresh(None, today=lambda: clock.at.date())


def values(**changed: str) -> dict[str, str]:
    return {**knowledge.demo_limits("iv-weekly-6"), **changed}


def test_a_protocol_with_one_more_known_limit_can_be_signed(director: Client, folder: Path) -> None:
    (folder / "limit-catalog").mkdir()
    (folder / "limit-catalog/our-limits.yaml").write_text(GLUCOSE, encoding="utf-8")

    page = director.get(SIGN)
    assert (
        page.status_code == 200 and "Do not start below: glucose (mg/dL), optional" in page.content.decode()
    )
    assert director.post(SIGN, values(glucose_below_mg_per_dl="70")).status_code == 302
    signed = SignedValues.objects.latest("signed_at", "id")
    assert signed.version == knowledge.protocol("iv-weekly-6").version
    assert signed.values["glucose_below_mg_per_dl"] == "70"


def test_a_protocol_with_an_unknown_limit_is_not_in_force_and_the_one_before_can_be_signed(
    director: Client, folder: Path
) -> None:
    page = director.get(SIGN)

    assert page.status_code == 200 and "glucose" not in page.content.decode()
    assert "there is no limit 'glucose_below_mg_per_dl' in the catalog" in knowledge.problems()[0]
    assert director.post(SIGN, values()).status_code == 302


@pytest.mark.database
@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"during_systolic_mmhg": "1800"}, "Enter a whole number from 60 to 300"),
        ({"during_spo2_below_percent": "5"}, "Enter a whole number from 50 to 100"),
        ({"observation_min": "30.5"}, "Enter a whole number from 1 to"),
        ({"observation_min": ""}, "Enter a whole number from 1 to"),
    ],
)
def test_an_implausible_value_is_refused_and_nothing_is_signed(
    director: Client, changed: dict[str, str], says: str
) -> None:
    before = SignedValues.objects.count()

    answer = director.post(SIGN, values(**changed))

    assert answer.status_code == 400 and says in answer.content.decode()
    assert SignedValues.objects.count() == before


def test_no_field_starts_with_an_unsigned_value(director: Client) -> None:
    fields = re.findall(
        r'<input[^>]*inputmode="[^>]*>', director.get("/protocols/sc-kads/sign/").content.decode()
    )

    assert len(fields) == len(knowledge.document("protocol", "sc-kads").contents["limits"])
    assert not [field for field in fields if "value=" in field]
