"""A simulation that runs, as the medical director watches it: progress, a network outage, the end."""

import pytest
from playwright.sync_api import expect

from .conftest import DESK, World

pytestmark = [pytest.mark.journey, pytest.mark.database]


def test_progress_is_shown_until_the_run_ends(world: World) -> None:
    from regrow.web.accounts.models import User
    from regrow.web.accounts.roles import Role
    from regrow.web.platform import clock
    from regrow.web.simulator.models import SimulationRun

    director = User.objects.filter(role=Role.DIRECTOR).first()
    # As a worker elsewhere leaves it, so that the page does not start one of its own.
    run = SimulationRun.objects.create(
        requested_by=director,
        requested_at=clock.now(),
        heartbeat_at=clock.now(),
        first="iv-weekly-6",
        second="iv-weekly-fixed",
        population="practice",
        size=2000,
        titles={"first": "Titrated", "second": "Fixed", "population": "Practice"},
        state=SimulationRun.RUNNING,
        done=30,
        total=120,
    )
    page = world.person(director.username, DESK)
    page.goto(f"{world.address}/simulator/{run.id}/")
    expect(page.get_by_role("status")).to_have_text("25% of virtual patients simulated.")
    expect(page.get_by_role("progressbar")).to_have_js_property("value", 30)

    SimulationRun.objects.filter(id=run.id).update(done=60)
    expect(page.get_by_role("status")).to_have_text("50% of virtual patients simulated.")

    before = len(world.complaints)
    page.context.set_offline(True)
    expect(page.get_by_role("status")).to_contain_text("No network. The run continues")
    page.context.set_offline(False)
    expect(page.get_by_role("status")).to_have_text("50% of virtual patients simulated.")
    del world.complaints[before:]  # the browser's own lines on the outage

    SimulationRun.objects.filter(id=run.id).update(state=SimulationRun.FAILED, problem="The run failed.")
    expect(page.get_by_role("link", name="Run again")).to_be_visible()
    page.context.close()
