"""Inquiries, invited patients and patients with a completed intake visit."""

import random
import uuid
from datetime import date, datetime, time, timedelta

from regrow.web.accounts.api import User
from regrow.web.assessments.api import record_clinician_rating, send_intake_form
from regrow.web.conversations.api import Inquiry, default_owner, receive, screen_inquiry
from regrow.web.gateways.api import Channel, InboundMessage
from regrow.web.patients.api import Patient, new_patient, record
from regrow.web.platform import clock
from regrow.web.platform.content import knowledge

NAMES = """Maya Ortiz;Elias Brandt;Ruth Okonkwo;Jonas Feld;Amara Diallo;Peter Novak;Lucía Benítez;Owen Gallagher;
Hana Sato;Victor Almeida;Grace Whitmore;Samir Haddad;Ingrid Solberg;Tomás Rivera;Nadia Petrova;Caleb Freeman;
Mei-Ling Chow;Andre Baptiste;Sofia Lindqvist;Daniel Abramson;Priya Raman;Marcus Bell;Yara Haddad;Thomas Kim;
Leila Farahani;George Papadakis;Chloe Martin;Ibrahim Sesay;Nora Byrne;Felix Wagner;Isabel Cruz;Henry Zhao;
Anna Kowalska;Luis Herrera;Maria-Magdalena Konstantinopoulou-Featherstonehaugh de la Cruz;Jamal Carter;
Eva Horvat;Robert Quinn;Teresa Mancini;Adam Weiss;Joy Bello;Oscar Nyman""".replace("\n", "").split(";")

MEN = frozenset(
    [
        "Elias",
        "Jonas",
        "Peter",
        "Owen",
        "Victor",
        "Samir",
        "Tomás",
        "Caleb",
        "Andre",
        "Daniel",
        "Marcus",
        "Thomas",
        "George",
        "Ibrahim",
        "Felix",
        "Henry",
        "Luis",
        "Jamal",
        "Robert",
        "Adam",
        "Oscar",
    ]
)

DRUGS = ["sertraline", "escitalopram", "venlafaxine", "duloxetine", "bupropion", "mirtazapine", "fluoxetine"]

MEDICINES: list[list[tuple[str, str]]] = [
    [],
    [("mirtazapine", "15")],
    [("sertraline", "100"), ("lorazepam", "0.5")],
    [("bupropion XL", "300")],
    [("lamotrigine", "200"), ("lithium carbonate", "900")],
    [("venlafaxine XR", "150"), ("zolpidem", "10")],
]

_INQUIRY_TEXTS = [
    "Could you tell me what it costs?",
    "Hi, I am Elias. A friend was treated by you. Do you have time to talk next week?",
    "Does my insurance cover Spravato?",
]


def random_id(chance: random.Random) -> uuid.UUID:
    return uuid.UUID(int=chance.getrandbits(128), version=4)


def _inquiry(name: str, chance: random.Random, *, days_ago: int, n: int) -> Inquiry:
    words = [
        "I have tried three medicines and I am tired. Could this be something for me?",
        "My sister told me about you. Do you have time next week?",
        "Does my insurance cover Spravato?",
    ]
    return Inquiry.objects.create(
        id=random_id(chance),
        name=name,
        contact=f"917-555-01{n:02d}" if n % 2 else f"{name.split()[0].lower()}@example.org",
        message=words[n % 3],
        channel=["form", "text", "email"][n % 3],
        received_at=clock.now() - timedelta(days=days_ago, hours=2 + n),
        owner=default_owner(),
    )


def write_inquiry(name: str, chance: random.Random, *, days_ago: int, n: int) -> None:
    """Create an inquiry by form, text or email, one of them in Spanish."""
    at = clock.now() - timedelta(days=days_ago, hours=2 + n)
    spanish = "Hola, quisiera información sobre el tratamiento para mi depresión. ¿Atienden en español?"
    with clock.using(lambda: at):
        if n % 3 == 0:
            screen_inquiry(_inquiry(name, chance, days_ago=0, n=n))
        else:
            way = Channel.TEXT if n % 3 == 1 else Channel.EMAIL
            sender = f"917-555-01{n:02d}" if way is Channel.TEXT else f"{name.split()[0].lower()}@example.org"
            text = spanish if n == 4 else _INQUIRY_TEXTS[n % len(_INQUIRY_TEXTS)]
            receive(InboundMessage(way, str(n), sender, name, text), key=f"demo {n}")


def _patient(name: str, chance: random.Random, n: int) -> Patient:
    inquiry = _inquiry(name, chance, days_ago=120, n=n % 90)
    patient = new_patient(
        name=name,
        owner=inquiry.owner,
        id=random_id(chance),
        birth_date=date(chance.randint(1955, 2002), chance.randint(1, 12), chance.randint(1, 28)),
        sex="male" if name.split()[0] in MEN else "female",
        phone=f"917-555-{200 + Patient.objects.count():04d}",
    )
    inquiry.patient = patient
    inquiry.interview_at = clock.now() - timedelta(days=100)
    inquiry.save()
    return patient


def invite_patient(name: str, chance: random.Random, today: date, n: int) -> None:
    patient = _patient(name, chance, 20 + n)
    inquiry = patient.inquiries.get()
    inquiry.received_at = clock.now() - timedelta(days=2)
    inquiry.interview_at = datetime.combine(
        today + timedelta(days=1 + n), time(10 + n), tzinfo=clock.clinic_zone()
    )
    inquiry.save()
    send_intake_form(patient, inquiry.interview_at, key=f"demo interview {n}")


def charted_patient(name: str, chance: random.Random, staff: dict[str, User]) -> Patient:
    """Create a patient with a completed intake visit."""
    patient = _patient(name, chance, chance.randint(30, 89))
    author = staff["lin"].username
    began = clock.clinic_today() - timedelta(days=chance.randint(120, 900))
    diagnosis = {
        "icd10": chance.choice(["F33.2", "F33.1", "F32.2"]),
        "text": "Depression",
        "episode_start": began.isoformat(),
    }
    record(patient, "diagnosis", diagnosis, author=author)
    known = {d.id: d.usual.mg_per_day for d in knowledge.antidepressants() if d.usual}
    for drug in chance.sample(DRUGS, chance.choice([2, 2, 3])):
        trial = {
            "drug": drug,
            "dose_mg_per_day": str(known[drug] * chance.choice([1, 2])),
            "weeks": chance.choice([6, 8, 10, 12]),
            "outcome": chance.choice(["no_response", "no_response", "partial", "intolerance"]),
            "improvement_percent": str(chance.choice([0, 10, 20])),
            "current_episode": True,
        }
        record(patient, "trial", trial, author=author)
    for criterion in knowledge.candidacy_rules().criteria:
        if not criterion.absent_unless_found:
            data = {"criterion": criterion.determination, "holds": True, "text": criterion.ask}
            record(patient, "attestation", data, author=author)
    for text, dose in chance.choice(MEDICINES):
        record(patient, "medicine", {"text": text, "dose_mg_per_day": dose}, author=author)
    reviewed = {"criterion": "medicines-reviewed", "holds": True, "text": "Medicines gone through"}
    record(patient, "attestation", reviewed, author=author)
    screener = knowledge.scale("c-ssrs-screener")
    record_clinician_rating(patient, screener, [0, 0, None, None, None, 0], once=str(random_id(chance)))
    weight = chance.randint(520, 980) / 10
    at = clock.now().isoformat()
    record(
        patient,
        "measurement",
        {"kind": "weight", "value": str(weight), "unit": "kg", "at": at},
        author=author,
    )
    pressure = {"value": str(chance.randint(112, 138)), "second_value": str(chance.randint(68, 86))}
    record(
        patient,
        "measurement",
        {"kind": "blood_pressure", **pressure, "unit": "mmHg", "at": at},
        author=author,
    )
    return patient
