"""A line of a log that cannot be read is refused with the field and what to write."""

from typing import Any

import pytest

from regrow.session import BadEvent
from regrow.session.events import event_from_json
from tests.session_logs import IV, Log

LINE = {"id": "1", "kind": "vital", "device_time": "2026-11-24T15:00:00Z", "author": "nina", "data": {}}


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"kind": "sneeze"}, "'sneeze' is not a kind of event; there are: "),
        ({"author": ""}, "`author` is missing"),
        ({"id": None}, "`id` is missing"),
        ({"device_time": "yesterday"}, "'yesterday' is not a time; write it like 2026-11-24T15:00:00Z"),
        ({"seq": "first"}, "'first' is not a whole number"),
        ({"skew_ms": "late"}, "'late' is not a whole number"),
        ({"device_time": "2026-11-24T15:00:00"}, "has no zone; write it like 2026-11-24T15:00:00Z"),
    ],
)
def test_a_line_of_a_log_names_the_field_that_cannot_be_read(changed: dict[str, Any], sentence: str) -> None:
    with pytest.raises(BadEvent) as refused:
        event_from_json({**LINE, **changed})
    assert sentence in str(refused.value)


def test_a_line_without_a_kind_says_so() -> None:
    with pytest.raises(BadEvent, match="`kind` is missing"):
        event_from_json({name: value for name, value in LINE.items() if name != "kind"})


@pytest.mark.parametrize(
    ("kind", "data", "sentence"),
    [
        ("waste", {"container": "vial-1", "mg": "much"}, "'much' is not a number"),
        ("waste", {"container": "vial-1", "mg": "Infinity"}, "enter a number of 0 or more"),
        ("scale", {"scale": "moaas", "total": "five"}, "'five' is not a whole number"),
        ("scale", {"scale": "moaas", "total": 9}, "enter a value from"),
        ("correction", {"corrects": "e1", "data": ["x"], "reason": "typing"}, "values must be given by name"),
    ],
)
def test_an_entry_with_a_bad_value_names_what_to_enter(
    kind: str, data: dict[str, Any], sentence: str
) -> None:
    from regrow.session import Kind

    with pytest.raises(BadEvent) as refused:
        Log(IV).add(0, Kind(kind), **data)
    assert sentence in str(refused.value)
