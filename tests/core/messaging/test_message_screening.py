"""What must be heard in a message, and what must not be mistaken for it."""

import pytest

from regrow.knowledge import LANGUAGES
from regrow.messaging import render_message, screen_message
from tests.content import knowledge

RULES = knowledge.contact()


@pytest.mark.parametrize(
    "text",
    [
        "STOP",
        "stop.",
        "Stop please!",
        "QUIT",
        "end",
        "Revoke",
        "opt out",
        "OPT-OUT",
        "cancel",
        "Unsubscribe",
        "ALTO",
        "Baja, por favor",
        "please stop texting me",
        "Don’t text me again",
        "no más mensajes",
        "NO MAS MENSAJES gracias",
    ],
)
def test_opting_out_is_heard(text: str) -> None:
    assert screen_message(text, RULES).opts_out


@pytest.mark.parametrize(
    "text",
    [
        "I need to cancel my appointment",
        "Should I stop my sertraline?",
        "When does the session end?",
        "¿Puedo parar la infusión?",
        "start",
        "",
    ],
)
def test_other_sentences_are_no_opt_out(text: str) -> None:
    assert not screen_message(text, RULES).opts_out


@pytest.mark.parametrize(
    "text",
    [
        "I want to end it",
        "I cant go on like this",
        "i’m thinking about suicide",
        "having SUICIDAL thoughts",
        "everyone would be better off without me",
        "Ya no quiero vivir",
        "no puedo mas",
        "pienso en suicidarme",
        "help",
        "Ayuda por favor",
        "I took too many",
    ],
)
def test_danger_is_heard(text: str) -> None:
    assert screen_message(text, RULES).crisis


def test_danger_is_heard_in_an_opt_out() -> None:
    both = screen_message("Stop texting me, I want to die", RULES)
    assert both.opts_out
    assert both.crisis == ("want to die",)


@pytest.mark.parametrize(
    "text", ["See you Thursday", "Could you help me with my insurance?", "La cita es el jueves"]
)
def test_ordinary_sentences_raise_nothing(text: str) -> None:
    assert screen_message(text, RULES).crisis == ()


def test_what_an_email_quotes_is_not_heard() -> None:
    text = "Thank you, see you then.\n\nOn Mon, Oct 26, 2026 the clinic wrote:\n> In crisis call 988. STOP ends these.\n> want to die"
    found = screen_message(text, RULES)
    assert not found.crisis
    assert not found.opts_out


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Hola, quiero información para mi depresión", "es"),
        ("Hi, I would like help with my depression", "en"),
        ("833", None),
        ("STOP", None),
    ],
)
def test_the_language_is_told(text: str, language: str | None) -> None:
    assert screen_message(text, RULES).language == language


def test_every_text_is_there_in_every_language_and_short_enough() -> None:
    filled = {
        "clinic": "Happy Healthy New York",
        "link": "https://clinic.example/c/" + "x" * 32,
        "who": "Dr Mei Lin",
        "time": "10:00",
        "day": "Thursday 5 November",
        "name": "Maya",
    }
    for message in knowledge.messages().values():
        for language in LANGUAGES:
            subject, text = render_message(message, language, **filled)
            assert subject
            assert len(text) <= 306, f"{message.id} in {language} is longer than two text messages"
            if message.kind == "reminder":
                assert ("STOP" if language == "en" else "ALTO") in text
        assert render_message(message, "fr", **filled) == render_message(message, "en", **filled)
