"""Which orders a session refuses, each with its sentence."""

from typing import Any

import pytest

from regrow.session import BadEvent, unfit_order
from regrow.session.order import read_order
from tests.content import knowledge
from tests.session_logs import CASE_A, IV, SPRAVATO

LIMITS = knowledge.demo_limits("iv-weekly-6")


def data(**changed: Any) -> dict[str, Any]:
    return {"protocol": "iv-weekly-6", "version": 2, "limits": dict(LIMITS), **CASE_A, **changed}


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"prepared_mg": "forty"}, "prepared_mg 'forty' is not a number"),
        ({"prepared_mg": "-1"}, "prepared_mg must be a number of 0 or more"),
        ({"prepared_mg": "NaN"}, "prepared_mg must be a number of 0 or more"),
        ({"prepared_mg": "0"}, "prepared_mg must be above 0"),
        ({"total_ml": "0"}, "total_ml and rate_ml_per_h must be above 0"),
        ({"rate_ml_per_h": "0"}, "total_ml and rate_ml_per_h must be above 0"),
        ({"tubing_ml": "100.8"}, "the line cannot hold more than the bag"),
        ({"limits": None}, "limits must be given by name"),
        ({"limits": {"absolute_dose_mg": "much"}}, "each limit must be a number"),
    ],
)
def test_an_order_that_cannot_be_read_names_its_field(changed: dict[str, Any], sentence: str) -> None:
    with pytest.raises(BadEvent, match=sentence.replace("(", r"\(")):
        read_order("o", data(**changed))


def test_an_order_within_its_limits_may_run() -> None:
    assert unfit_order(read_order("o", data()), IV) is None


def test_an_order_above_the_signed_dose_names_both_amounts() -> None:
    cap = LIMITS["absolute_dose_mg"]
    refused = unfit_order(read_order("o", data(prepared_mg=str(float(cap) + 1))), IV)
    assert refused is not None and f"above the signed limit of {cap} mg for one session" in refused


def test_an_order_without_a_signed_limit_names_it() -> None:
    name = IV.needed_limits[0]
    limits = {key: value for key, value in LIMITS.items() if key != name}
    refused = unfit_order(read_order("o", data(limits=limits)), IV)
    assert refused is not None and name.replace("_", " ") in refused


def test_an_infusion_order_needs_volume_and_rate() -> None:
    refused = unfit_order(read_order("o", data(total_ml=None)), IV)
    assert refused == "An infusion needs its volume and its rate; the prescriber signs both with the order."


def test_a_spravato_order_must_be_a_whole_number_of_devices() -> None:
    order = read_order(
        "o",
        {
            "protocol": "spravato-label",
            "version": 1,
            "prepared_mg": "70",
            "limits": dict(knowledge.demo_limits("spravato-label")),
        },
    )
    refused = unfit_order(order, SPRAVATO)
    assert refused is not None and refused.startswith(
        "70 mg cannot be given by devices of 28 mg; order 56 or 84"
    )
