"""Intake visits of the demo clinic: one open, one ended with its note. All patients are fictional."""

from datetime import timedelta

from regrow.web.accounts.api import User
from regrow.web.assessments.api import record_clinician_rating
from regrow.web.interview.api import end_visit, save_arrival, save_narrative, start_visit
from regrow.web.patients.api import Patient
from regrow.web.platform import clock
from regrow.web.platform.content import knowledge

WORDS = {
    "now": "Wrote because a friend was treated here. Mornings are the worst; works half days since the spring.",
    "depression": "Low nearly every day, wakes at four, eats little, cannot read a page to its end.",
    "safety": "Passive thoughts in the winter, none now. The sister knows and can be called.",
    "life": "Lives with a sister, who drives. Tuesdays and Thursdays are possible.",
    "hopes": "To walk the dog again without having to decide to.",
}
ARRIVED = {
    "place": "118 Cypress Avenue, Ridgewood, Queens, New York",
    "identity": "photo-id",
    "callback": "",
    "present": "the sister, in the next room",
    "emergency_name": "Rosa, sister",
    "emergency_phone": "917-555-0190",
}
WHY = "Two adequate trials without response, nothing against it; prefers a dose that can be paused."


def hold_intake_visit(patient: Patient, by: User, *, ended: bool) -> None:
    """Hold a visit: setup, narratives by section, and a signed note if `ended`."""
    started = clock.now() - timedelta(minutes=1 if ended else 24)
    with clock.using(lambda: started):
        talk = start_visit(patient, by)
        save_arrival(talk, ARRIVED | {"callback": patient.phone})
        sections = WORDS if ended else {name: WORDS[name] for name in ("now", "depression")}
        for section, text in sections.items():
            save_narrative(talk, section, text, 0)
    if ended:
        with clock.using(lambda: started + timedelta(minutes=54)):
            record_clinician_rating(patient, knowledge.scale("phq-9"), [3, 3, 2, 3, 2, 2, 2, 1, 0], once=None)
            end_visit(talk, "iv-racemic", WHY, by)
