"""Session entries and orders that cannot be right are refused with what to enter instead."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from regrow.session import BadEvent, Kind, LogEvent, event_from_json, fill_rems_form, read_event, read_order
from regrow.session import unfit_order as unfit
from tests.content import knowledge
from tests.session_logs import CASE_A, IV, SPRAVATO, START, VITALS, Log, iv, spravato

FORM = knowledge.rems_form("esketamine", START.date())
NEW_YORK = ZoneInfo("America/New_York")
ORDER = {"protocol": "iv-weekly-6", "version": 1, "limits": {}} | CASE_A
LINE = {"id": "e1", "kind": "pause", "device_time": "2026-11-24T15:00:00Z", "author": "nina"}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"prepared_mg": "forty"}, "order: prepared_mg 'forty' is not a number"),
        ({"total_ml": "-5"}, "order: total_ml must be a number of 0 or more, not -5"),
        ({"rate_ml_per_h": "Infinity"}, "order: rate_ml_per_h must be a number of 0 or more, not Infinity"),
        ({"prepared_mg": ""}, "order: prepared_mg must be above 0"),
        ({"prepared_mg": "0"}, "order: prepared_mg must be above 0"),
        ({"rate_ml_per_h": "0"}, "order: total_ml and rate_ml_per_h must be above 0"),
        ({"tubing_ml": "100.8"}, "order: the line cannot hold more than the bag"),
        ({"limits": ["systolic_max"]}, "order: limits must be given by name"),
        ({"limits": {"systolic_max": "high"}}, "order: each limit must be a number"),
    ],
)
def test_an_order_that_cannot_be_read_names_the_field(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(BadEvent) as refused:
        read_order("order", ORDER | changes)

    assert str(refused.value) == words


def test_an_empty_limit_is_left_out_of_the_order() -> None:
    order = read_order("order", ORDER | {"limits": {"systolic_max": "", "diastolic_max": "100"}})

    assert order.limits == {"diastolic_max": Decimal(100)}
    assert (order.limit("systolic_max"), order.limit("")) == (None, None)


def test_an_order_above_the_signed_limit_may_not_run() -> None:
    order = Log(IV).state(-20).order
    assert order is not None and unfit(order, IV) is None
    most = order.limits["absolute_dose_mg"]

    assert unfit(replace(order, prepared_mg=most), IV) is None
    assert (
        unfit(replace(order, prepared_mg=most + 1), IV)
        == f"{most + 1:f} mg is above the signed limit of {most:f} mg for one session"
    )


def test_an_infusion_without_volume_or_rate_may_not_run() -> None:
    order = Log(IV).state(-20).order
    assert order is not None
    words = "An infusion needs its volume and its rate; the prescriber signs both with the order."

    assert unfit(replace(order, total_ml=None), IV) == words
    assert unfit(replace(order, rate_ml_per_h=None), IV) == words


def test_a_dose_that_no_number_of_devices_gives_may_not_run() -> None:
    order = Log(SPRAVATO).state(-20).order
    assert order is not None and unfit(order, SPRAVATO) is None

    assert (
        unfit(replace(order, prepared_mg=Decimal(70)), SPRAVATO)
        == "70 mg cannot be given by devices of 28 mg; order 56 or 84 mg"
    )


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"seq": "first"}, "Seq: 'first' is not a whole number"),
        ({"skew_ms": "late"}, "Skew ms: 'late' is not a whole number"),
        ({"kind": "nap"}, "'nap' is not a kind of event; there are: order, "),
        ({"author": ""}, "`author` is missing"),
        ({"id": None}, "`id` is missing"),
        (
            {"device_time": "noon"},
            "`device_time`: 'noon' is not a time; write it like 2026-11-24T15:00:00Z",
        ),
        (
            {"happened_at": "2026-11-24T15:00:00"},
            "`happened_at`: '2026-11-24T15:00:00' has no zone; write it like 2026-11-24T15:00:00Z",
        ),
    ],
)
def test_a_line_of_a_log_that_cannot_be_read_names_the_field(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(BadEvent) as refused:
        event_from_json(LINE | changes)

    assert str(refused.value).startswith(words)


def test_a_line_of_a_log_without_a_kind_is_refused_and_a_whole_one_is_read() -> None:
    with pytest.raises(BadEvent, match="`kind` is missing"):
        event_from_json({name: value for name, value in LINE.items() if name != "kind"})

    event = event_from_json(LINE)
    assert (event.kind, event.server_time, event.seq) == (Kind.PAUSE, event.device_time, 0)


@pytest.mark.parametrize(
    ("kind", "data", "words"),
    [
        (Kind.VITAL, VITALS | {"systolic_mmhg": "high"}, "'high' is not a whole number"),
        (Kind.DRAW, {"container": "v", "drawn_mg": "some"}, "'some' is not a number"),
        (
            Kind.CORRECTION,
            {"corrects": "e0", "reason": "typo", "data": [1]},
            "the corrected values must be given by name, or left out to strike the entry",
        ),
    ],
)
def test_an_entry_of_the_wrong_type_is_refused(kind: Kind, data: dict[str, Any], words: str) -> None:
    with pytest.raises(BadEvent, match=words):
        read_event(LogEvent("e", kind, START, START, "nina", data), IV)


def test_an_order_is_refused_once_the_dose_has_started() -> None:
    words = iv().refused(5, Kind.ORDER, author="lin", **ORDER)

    assert words == "The dose has started under its order. Stop it or change the rate."


def test_an_expired_vial_and_a_draw_beyond_its_content_are_refused() -> None:
    vial = {"container": "vial-2", "size_mg": "50", "lot": "KT2231"}
    log = Log().ready()
    yesterday = (START - timedelta(days=1)).date().isoformat()

    assert log.refused(-9, Kind.DRAW, **vial, drawn_mg="40", expiry=yesterday) == (
        f"vial-2 expired on {yesterday}; use another one and quarantine this one."
    )
    assert log.refused(-9, Kind.DRAW, **vial, drawn_mg="50", expiry=START.date().isoformat()) == ""
    assert log.refused(-9, Kind.DRAW, **vial, drawn_mg="60") == (
        "vial-2 holds 50 mg; 60 mg cannot be drawn from it."
    )
    assert "vial-1 holds 460 mg" in log.refused(
        -9, Kind.DRAW, **vial | {"container": "vial-1"}, drawn_mg="461"
    )


def test_one_identifier_or_a_missed_name_alert_leaves_the_identity_check_open() -> None:
    def missing(*by: str, **order: Any) -> str | None:
        state = Log(**order).add(-19, Kind.IDENTITY, by=list(by)).state(-18)
        line = next(line for line in state.before if line.id == "identity")
        return " ".join(line.determination.missing)

    assert missing("name") == "a second identifier"
    assert missing("name", "born") == ""
    assert missing("name", "born", name_alike=True) == "Name alert: similar name today; verify photo or MRN"
    assert missing("name", "photo", name_alike=True) == ""


# The REMS form


def answers(log: Log, minute: float) -> dict[str, str]:
    assert FORM is not None
    filled = fill_rems_form(FORM, log.state(minute), {}, NEW_YORK)
    return {field.id: field.answer for _, fields in filled.blocks for field in fields}


def test_the_rems_form_states_onset_end_and_action_of_dissociation() -> None:
    log = spravato().add(20, Kind.SCALE, scale="cadss-6", total=9)
    log.add(25, Kind.MEDICINE, medicine="ondansetron", dose="4 mg", route="iv", author="lin")
    ongoing = answers(log, 30)
    over = answers(log.add(80, Kind.SCALE, scale="cadss-6", total=0), 90)

    assert ongoing["dissociation"] == over["dissociation"] == "yes"
    assert ongoing["dissociation_course"] == "onset 20 min, end not over, done: ondansetron 4 mg"
    assert over["dissociation_course"] == "onset 20 min, end 80 min, done: ondansetron 4 mg"


def test_the_rems_form_asks_to_judge_an_emergency_symptom() -> None:
    terms = SPRAVATO.symptoms
    id = next(id for id, term in terms.items() if term.emergency)
    log = spravato().add(30, Kind.SYMPTOM, symptom=id, severity=3)

    assert answers(spravato(), 40)["serious"] == ""
    assert answers(log, 40)["serious"] == f"to be judged: {terms[id].text}"


def test_the_rems_form_states_no_dose_before_the_first_device_and_before_the_last() -> None:
    assert answers(Log(SPRAVATO).ready(), 0)["dose"] == ""
    assert answers(spravato(), 7)["dose"] == ""
    assert answers(spravato(), 12)["dose"] == "84 mg"
