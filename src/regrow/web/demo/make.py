"""Create the demo clinic once. All patients are fictional.

They pass through the functions of a real clinic, under a clock set back to each event. Their scores are those of the
pharmacology model's virtual patients, at entry and at each weekly visit.
"""

import random
from collections.abc import Callable
from datetime import timedelta

from regrow.web.accounts.api import make_key
from regrow.web.patients.api import Patient
from regrow.web.platform import clock
from regrow.web.platform.content import knowledge
from regrow.web.platform.database import writing

from .courses import patient_in_treatment
from .intake_visit import hold_intake_visit
from .people import NAMES, charted_patient, invite_patient, write_inquiry
from .staff import make_staff
from .stock import fill_ledger
from .today import make_today

SEED = 20261124

MONITOR_KEY = "demo-monitors"


def make_demo(say: Callable[[str], None]) -> bool:
    """Fill an empty database and return True; a database with patients is left unchanged."""
    if Patient.objects.exists():
        return False
    chance = random.Random(SEED)
    with writing():
        say("staff, chairs and signed limits")
        staff = make_staff()
        make_key("gateway", MONITOR_KEY)
        today = clock.clinic_today()
        people = iter(NAMES)
        scores = iter(knowledge.virtual_people("weekly-ladder").people.values())
        say("inquiries and intake visits")
        for n in range(6):
            write_inquiry(next(people), chance, days_ago=n % 3, n=n)
        for n in range(4):
            invite_patient(next(people), chance, today, n)
        say("patients in treatment")
        two_days_ago = clock.now() - timedelta(days=2)
        with clock.using(lambda: two_days_ago):
            hold_intake_visit(charted_patient(next(people), chance, staff), staff["lin"], ended=True)
        hold_intake_visit(charted_patient(next(people), chance, staff), staff["lin"], ended=False)
        for _ in range(2):
            charted_patient(next(people), chance, staff)
        held = [3, 2, 1, 0, 4, 5, 1, 2, 3, 0, 4, 5, 2, 1, 3, 4, 0, 5, 2, 1]
        courses = [
            patient_in_treatment(
                next(people), next(scores), chance, staff, today, k, offset=0 if n < 5 else 1 + n % 6
            )
            for n, k in enumerate(held)
        ]
        for n in range(8):
            patient_in_treatment(next(people), next(scores), chance, staff, today, 6, offset=-(1 + n % 5))
        say("the controlled-substance log")
        fill_ledger(staff)
        say("today's sessions and one alert")
        make_today(courses[:5], chance, staff)
    return True
