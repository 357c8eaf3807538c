"""Message screening: what each message signals, and what must not be mistaken for it."""

from dataclasses import replace

import pytest

from regrow.knowledge import LANGUAGES, ContactRules, PhraseList
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
def test_opt_out_phrases_are_recognized(text: str) -> None:
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
def test_ordinary_sentences_are_not_an_opt_out(text: str) -> None:
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
def test_crisis_phrases_are_found(text: str) -> None:
    assert screen_message(text, RULES).crisis


def test_a_crisis_phrase_in_an_opt_out_is_found() -> None:
    both = screen_message("Stop texting me, I want to die", RULES)
    assert both.opts_out
    assert both.crisis == ("want to die",)


@pytest.mark.parametrize(
    "text", ["See you Thursday", "Could you help me with my insurance?", "La cita es el jueves"]
)
def test_ordinary_sentences_hold_no_crisis_phrase(text: str) -> None:
    assert screen_message(text, RULES).crisis == ()


def test_quoted_email_text_is_ignored() -> None:
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
def test_the_language_is_detected(text: str, language: str | None) -> None:
    assert screen_message(text, RULES).language == language


def test_every_template_exists_in_every_language_and_fits_two_segments() -> None:
    filled = {
        "clinic": "Happy Healthy New York",
        "link": "https://clinic.example/c/" + "x" * 32,
        "who": "Dr Mei Lin",
        "time": "10:00",
        "day": "Thursday 5 November",
        "name": "Maya",
    }
    messages = knowledge.messages().values()
    assert messages
    for message in messages:
        for language in LANGUAGES:
            subject, text = render_message(message, language, **filled)
            assert subject
            assert len(text) <= 306, f"{message.id} in {language} is longer than two text messages"
            if message.kind == "reminder":
                assert ("STOP" if language == "en" else "ALTO") in text
        assert render_message(message, "fr", **filled) == render_message(message, "en", **filled)


# A clinic's file may list a yes or a no under `anywhere`; the shipped file lists them as whole messages only.
ANYWHERE = replace(
    RULES,
    agrees=PhraseList(RULES.agrees.alone, anywhere=RULES.agrees.alone),
    declines=PhraseList(RULES.declines.alone, anywhere=RULES.declines.alone),
)


@pytest.mark.parametrize("rules", [RULES, ANYWHERE], ids=["shipped", "anywhere"])
@pytest.mark.parametrize("reply", [*RULES.agrees.alone, *RULES.declines.alone])
def test_a_reply_with_a_crisis_phrase_is_neither_yes_nor_no(reply: str, rules: ContactRules) -> None:
    polite = screen_message(f"{reply}, thanks", rules)
    assert polite.agrees or polite.declines
    assert rules.crisis.anywhere
    for phrase in rules.crisis.anywhere:
        found = screen_message(f"{reply}, {phrase}", rules)
        assert (bool(found.crisis), found.agrees, found.declines) == (True, False, False), phrase
