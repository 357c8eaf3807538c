"""The demo clinic's story, held against what the engines say of it now."""

import pytest

from regrow.web.demo.api import make_demo
from regrow.web.treatment.models import DoseDecision
from regrow.web.treatment.replay import replayed

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.mark.no_cover
def test_every_suggestion_of_the_demo_clinic_is_made_again_to_the_last_word() -> None:
    make_demo(lambda _: None)
    again = [replayed(decision) for decision in DoseDecision.objects.order_by("signed_at")]
    spoke = [one for one in again if one is not None]

    assert len(spoke) > 40
    assert [one.kept["inputs"] for one in spoke if not one.same] == []
    assert {one.kept["outcome"] for one in spoke} >= {"hold", "step_up", "none", "review"}
