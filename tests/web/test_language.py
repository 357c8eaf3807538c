"""Every string a patient sees goes through gettext: shown in a made-up language, nothing may stay English."""

from datetime import date, timedelta
from html.parser import HTMLParser

import pytest
from django.test import Client
from django.utils import translation

from regrow.web.assessments.links import make_link
from regrow.web.assessments.responses import ask_for_score
from regrow.web.conversations.models import Message

pytestmark = [pytest.mark.django_db]
EXEMPT = {"data-from-knowledge", "data-name"}
VOID = {"meta", "link", "img", "input", "br", "hr", "path", "circle", "line"}


class Untranslated(HTMLParser):
    """Collects text that is neither in ⟦…⟧ nor marked as knowledge or as a name."""

    def __init__(self) -> None:
        super().__init__()
        self.stack: list[bool] = []
        self.depth = 0
        self.found: list[str] = []

    def handle_starttag(self, tag, attrs) -> None:
        names = dict(attrs)
        for name in ("aria-label", "placeholder", "title", "alt"):
            text = names.get(name) or ""
            if any(c.isalpha() for c in text) and "⟦" not in text:
                self.found.append(text)
        if tag not in VOID:
            self.stack.append(tag in ("script", "style") or bool(EXEMPT & names.keys()))

    def handle_endtag(self, tag) -> None:
        if tag not in VOID and self.stack:
            self.stack.pop()

    def handle_data(self, text) -> None:
        rest = ""
        for c in text:
            self.depth += c == "⟦"
            if self.depth == 0:
                rest += c
            self.depth -= c == "⟧"
        if any(c.isalpha() for c in rest) and not any(self.stack):
            self.found.append(rest.strip())


def token_of(patient) -> str:
    return make_link(patient, "page")[1]


@pytest.fixture
def pseudo_language(monkeypatch):
    """gettext that wraps every message, so that what bypasses it shows."""
    inner = translation._trans
    for name in ("gettext", "pgettext", "ngettext", "npgettext"):
        real = getattr(inner, name)
        monkeypatch.setattr(inner, name, lambda *args, real=real: f"⟦{real(*args)}⟧")


def test_every_patient_page_text_is_translatable(
    small_clinic, session, clock, pseudo_language, monkeypatch
) -> None:
    from regrow.web.accounts.models import User
    from regrow.web.dosing_sessions.models import SessionEvent
    from regrow.web.dosing_sessions.services import append
    from regrow.web.patients.services import new_patient

    patient = small_clinic.patient
    nurse = User.objects.get(role="nurse")
    SessionEvent.objects.create(
        id="6f1b4c1e-0000-4000-8000-000000000001",
        session=session,
        kind="start",
        number=90,
        device_time=clock.at - timedelta(hours=3),
        server_time=clock.at,
        author=nurse.username,
        data={},
    )
    assert append is not None
    ask_for_score(patient, "phq-9")
    checkin = Message.objects.exclude(link="").get().link
    _, token = make_link(patient, "page")
    phone, other = Client(), Client(REMOTE_ADDR="203.0.113.9")
    older = new_patient(name="Ana", owner=User.objects.first(), birth_date=date(1970, 1, 2))
    shown = {
        "/": phone.get("/"),
        "/contact/": phone.get("/contact/"),
        "/contact/ refused": phone.post("/contact/", {"name": "", "contact": "x"}),
        "/contact/sent/": phone.get("/contact/sent/"),
        "/learn/": phone.get("/learn/"),
        "/learn/faq/": phone.get("/learn/faq/"),
        "/learn/what-to-expect/": phone.get("/learn/what-to-expect/"),
        "/evidence/": phone.get("/evidence/"),
        "/evidence/ nothing found": phone.get("/evidence/?q=zzz"),
        "/evidence/star-d/": phone.get("/evidence/star-d/"),
        "/learn/compare/": phone.get("/learn/compare/"),
        "item": phone.get(f"{checkin}1/"),
        "bad answer": phone.post(f"{checkin}1/", {"answer": "9"}),
        "page": phone.get(f"/p/{token}/"),
        "called": phone.post(f"/p/{token}/call/"),
        "gone": phone.get("/p/nothing/"),
        "help after writing": phone.get("/contact/help/"),
        "born": other.get(f"/p/{token_of(older)}/"),
        "born, wrong": other.post(f"/p/{token_of(older)}/", {"month": 1, "day": 1, "year": 1901}),
        "born, not a date": other.post(f"/p/{token_of(older)}/", {"month": "x", "day": 1, "year": 1901}),
        "slow": [other.get("/p/nothing/") for _ in range(22)][-1],
    }
    for number in range(1, 10):
        shown["help"] = phone.post(f"{checkin}{number}/", {"answer": 1}, follow=True)
    shown["done"] = phone.get(f"{checkin}done/")
    for name, answer in shown.items():
        reader = Untranslated()
        body = answer.content.decode()
        reader.feed(body[body.index("<body") :])
        assert reader.found == [], f"{name}: not translated"
