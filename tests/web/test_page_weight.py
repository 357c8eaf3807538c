"""Patients' pages are light: what a slow telephone must load before it can answer, byte by byte."""

import gzip
import re
from datetime import date
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from regrow.web.assessments.links import make_link
from regrow.web.assessments.responses import send_questionnaire
from regrow.web.conversations.models import Message

pytestmark = [pytest.mark.django_db]
SCRIPT_BYTES = 60_000
# What 1.6 Mbit/s bring in a second and a half, less three round trips of 150 ms: slow 4G as it is usually simulated.
FIRST_BYTES = int(1.6e6 / 8 * (1.5 - 3 * 0.15))


def loads(page: str) -> tuple[int, int]:
    """(bytes of scripts, bytes to the first paint: page, styles and scripts as they travel)."""
    scripts = re.findall(r'<script[^>]+src="/static/([^"?]+)', page)
    styles = re.findall(r'<link rel="stylesheet" href="([^"?]+)', page)
    assert len(styles) == 1, "one request for all styles"
    files = {name: Path(finders.find(name)).read_bytes() for name in scripts}
    files |= {name: Client().get(name).content for name in styles}
    travels = sum(len(gzip.compress(f)) for f in files.values()) + len(gzip.compress(page.encode()))
    return sum(len(files[name]) for name in scripts), travels


@pytest.mark.parametrize("language", ["en", "es"])
def test_no_patient_page_is_heavy(small_clinic, language: str) -> None:
    patient = small_clinic.patient
    patient.language, patient.birth_date = language, date(1988, 4, 14)
    patient.save()
    send_questionnaire(patient, ["phq-9"])
    phone = Client()
    checkin = Message.objects.exclude(link="").get().link
    links = [checkin, f"/p/{make_link(patient, 'page')[1]}/", f"/i/{make_link(patient, 'intake')[1]}/"]
    pages = {"born": phone.get(checkin)}
    for link in links:
        phone.post(link, {"month": "4", "day": "14", "year": "1988"})
        pages[link] = phone.get(link, follow=True)
    for part in ("choose/", "consent/"):
        pages[part] = phone.get(links[1] + part)
    for part in ("medicines/", "q-seizures/"):
        pages[part] = phone.get(links[2] + part)
    phone.cookies["language"] = language
    for public in ("/", "/contact/", "/learn/", "/learn/faq/"):
        pages[public] = phone.get(public)
    assert pages
    for name, answer in pages.items():
        scripts, travels = loads(answer.content.decode())
        assert answer.status_code == 200, name
        assert scripts < SCRIPT_BYTES, f"{name}: {scripts} bytes of scripts"
        assert travels < FIRST_BYTES, f"{name}: {travels} bytes before it can be read"
