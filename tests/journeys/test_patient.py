"""A Spanish-speaking patient from the first text to a booster, on a phone, by text only."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Page, expect

from tests.fake_gateways import NUMBER, TOKEN, TextCarrier, a_text_carrier

from .conftest import DESK, PHONE, World
from .test_interview import answers_no, arrives, section

pytestmark = [pytest.mark.journey, pytest.mark.database]
BORN = date(1990, 2, 3)
HERS = "+13475550188"


class Telephone:
    """Her telephone: texts go out signed as by the carrier, links in what comes are opened in her browser."""

    def __init__(self, world: World, carrier: TextCarrier) -> None:
        self.world, self.carrier, self.sent = world, carrier, 0
        self.page = world.visitor(PHONE)
        self.read = 0

    def write(self, text: str) -> None:
        from twilio.request_validator import RequestValidator

        self.sent += 1
        form = {"MessageSid": f"SMher{self.sent}", "From": HERS, "To": NUMBER, "Body": text, "NumMedia": "0"}
        where = f"{self.world.address}/post/text/"
        request = Request(where, urlencode(form).encode(), method="POST")
        request.add_header("X-Twilio-Signature", RequestValidator(TOKEN).compute_signature(where, form))
        with urlopen(request) as answer:
            assert answer.status == 200

    def clinic_works(self) -> None:
        """The worker of the clinic, as it would run beside the site."""
        from regrow.web.platform.jobs import run_due_jobs, run_periodic

        run_periodic(all_of_them=True)
        run_due_jobs()

    def texts(self) -> list[str]:
        """What has come since the last look."""
        self.clinic_works()
        mine = [t["Body"] for t in self.carrier.got if t["To"] == HERS]
        new, self.read = mine[self.read :], len(mine)
        return new

    def link(self, texts: list[str], of: str) -> str:
        found = [m[0] for text in texts if (m := re.search(rf"https?://\S+/{of}/\S+/", text))]
        assert found, texts
        return found[-1]

    def open(self, link: str) -> None:
        self.world.patient(self.page, link.removeprefix(self.world.address), BORN)


@pytest.fixture
def telephone(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Telephone]:

    with a_text_carrier() as carrier:
        monkeypatch.setenv("REGROW_SMS", carrier.address)
        monkeypatch.setenv("REGROW_PUBLIC_URL", world.address)
        yield Telephone(world, carrier)


def test_from_a_text_in_spanish_to_a_booster(world: World, telephone: Telephone) -> None:
    from regrow.web.courses.models import Course
    from regrow.web.patients.models import Patient

    # Only this patient is in treatment, so that each hour that passes is the clinic's work for one course.
    Course.objects.update(closed_at=world.clock.at)
    telephone.write("Hola, quisiera información sobre el tratamiento para mi depresión")
    assert any("Le responderemos en 24 horas" in text for text in telephone.texts())
    cora, lin = world.person("cora"), world.person("lin")
    _invited(world, cora)
    _tells_before(telephone)
    patient = Patient.objects.get(phone=HERS)
    _interviewed(world, lin, patient)
    _booked(world, lin, cora, patient)
    _chooses(telephone)
    for number in range(1, 7):
        _session(world, telephone, patient, number)
    _booster(world, telephone, cora, lin, patient)
    for page in (cora, lin, telephone.page):
        page.context.close()


def _invited(world: World, cora: Page) -> None:
    cora.goto(f"{world.address}/messages/")
    cora.get_by_role("link", name=HERS).click()
    expect(cora.get_by_text("quisiera información")).to_be_visible()
    cora.get_by_role("link", name="Schedule consultation").click()
    cora.get_by_label("Consultation time").fill("2026-10-27T15:00")
    cora.get_by_role("button", name="Schedule consultation").click()
    expect(cora.get_by_role("heading", name="Consultation:")).to_be_visible()


def _tells_before(telephone: Telephone) -> None:
    texts = telephone.texts()
    assert any("su consulta por video: martes 27 de octubre, 3:00\u00a0p.\u00a0m." in t for t in texts)
    page = telephone.page
    page.goto(telephone.link(texts, "i"))
    expect(page.get_by_role("heading", name="Sobre usted")).to_be_visible()
    page.get_by_label("Su nombre").fill("Amara Benítez")
    for name, part in (("month", BORN.month), ("day", BORN.day), ("year", BORN.year)):
        page.fill(f"input[name={name}]", str(part))
    page.get_by_label("Contacto de emergencia", exact=True).fill("Lucía, hermana")
    page.get_by_role("button", name="Continuar").click()
    while page.locator("button[value=no]").count():
        before = page.url
        page.locator("button[value=no]").click()
        page.wait_for_url(lambda url, before=before: url != before)
    page.locator("label.brand", has_text="sertraline").click()
    page.get_by_role("button", name="Continuar").click()
    page.get_by_label("No me ayudó").check()
    page.get_by_label("¿Cuántas semanas, aproximadamente?").fill("8")
    page.get_by_role("button", name="Continuar").click()
    page.get_by_role("button", name="Listo").click()
    expect(page.get_by_role("heading", name="Cuestionario inicial terminado")).to_be_visible()
    _answers(telephone, telephone.link(telephone.texts(), "c"), [3, 3, 3, 2, 2, 2, 2, 2, 0] + [1] * 7)


def _answers(telephone: Telephone, link: str, answers: list[int]) -> None:
    """A check-in on the telephone."""
    page = telephone.page
    telephone.open(link)
    for number, answer in enumerate(answers, 1):
        expect(page.get_by_label(f"Pregunta {number} de {len(answers)}")).to_be_visible()
        page.locator(f"button[name=answer][value='{answer}']").click()
    expect(page.get_by_role("heading", name="Cuestionario terminado. Gracias.")).to_be_visible()


def _interviewed(world: World, lin: Page, patient: object) -> None:
    lin.goto(f"{world.address}/patients/{patient.id}/intake-visit/")  # type: ignore[attr-defined]
    expect(lin.get_by_text("From the intake form")).to_be_visible()
    lin.get_by_role("button", name="Start visit").click()
    arrives(lin)
    section(lin, "HPI")
    lin.get_by_label("ICD-10 code").first.fill("F33.2")
    lin.get_by_role("button", name="Add diagnosis").click()
    expect(lin.get_by_role("listitem").filter(has_text="F33.2")).to_be_visible()
    section(lin, "Treatment history")
    lin.get_by_role("button", name="Add to chart sertraline").click()
    expect(lin.get_by_role("listitem").filter(has_text="sertraline, 8 weeks")).to_be_visible()
    answers_no(lin)
    lin.get_by_label("Weight").fill("72")
    lin.get_by_role("button", name="Save weight").click()
    expect(lin.get_by_role("listitem").filter(has_text="weight 72.0 kg")).to_be_visible()
    section(lin, "Goals")
    lin.locator("#words-hopes").fill("Volver a caminar con Lucía.")
    lin.goto(f"{world.address}/patients/{patient.id}/scales/c-ssrs-screener/")  # type: ignore[attr-defined]
    for item in (1, 2, 6):
        lin.locator(f"[name=item-{item}][value='0']").check()
    lin.get_by_role("button", name="Save rating").click()
    lin.goto(f"{world.address}/patients/{patient.id}/intake-visit/#end")  # type: ignore[attr-defined]
    lin.get_by_label("IV ketamine").check()
    lin.get_by_label("Reason in one sentence").fill("A trial without response; she prefers the drip.")
    lin.get_by_role("button", name="End visit and sign note").click()
    expect(lin.get_by_role("heading", name="Intake note")).to_be_visible()


def _step(page: Page, button: str) -> None:
    card = page.locator("li.walker", has_text="Amara Benítez")
    card.locator("summary").first.click()
    card.get_by_role("button", name=button).or_(card.get_by_role("link", name=button)).click()


def _booked(world: World, lin: Page, cora: Page, patient: object) -> None:
    dora = world.person("dora", DESK)
    dora.goto(f"{world.address}/protocols/")
    protocol = dora.locator("section", has_text="iv-weekly-6 version")
    protocol.get_by_role("link", name=re.compile("^Review and")).click()
    dora.get_by_role("button", name="Sign limits").click()
    dora.context.close()
    cora.goto(f"{world.address}/pipeline/")
    _step(cora, "Cost estimate given")
    _step(cora, "Schedule a course")
    begin = world.clock.at.date() + timedelta(days=8)
    cora.get_by_label("Earliest start").fill(begin.isoformat())
    cora.get_by_label("Best time of day").select_option("noon")
    cora.get_by_label("Wednesday").check()
    cora.get_by_role("button", name="Find schedules").click()
    expect(cora.get_by_role("button", name=re.compile("Schedule all 6.*Wednesdays"))).to_have_count(3)
    cora.get_by_role("button", name=re.compile("Schedule all 6")).first.click()
    expect(cora.get_by_text("Sessions", exact=True)).to_be_visible()
    assert patient.courses.get().appointments.count() == 6  # type: ignore[attr-defined]


def _chooses(telephone: Telephone) -> None:
    texts = telephone.texts()
    assert any("La primera: miércoles" in t for t in texts)
    page, own = telephone.page, telephone.link(texts, "p")
    telephone.open(own)
    expect(page.get_by_role("heading", name="Su próximo tratamiento")).to_be_visible()
    page.get_by_role("link", name="Leer y firmar el consentimiento").click()
    page.get_by_label(re.compile("doy mi consentimiento")).check()
    page.get_by_label("Escriba su nombre completo para firmar").fill("amara benítez")
    page.get_by_role("button", name="Firmar el consentimiento").click()
    expect(page.get_by_text("Firmado por")).to_be_visible()
    page.goto(own)
    page.get_by_role("link", name="Hacer mi plan").click()
    page.get_by_label("Escriba unas líneas sobre la sesión").check()
    page.get_by_label("Agregar algo propio").nth(1).fill("Caminar por el parque con Lucía")
    page.get_by_label("¿Quién le va a recoger?").fill("Lucía")
    page.get_by_role("button", name="Guardar plan").click()
    expect(page.get_by_text("Lucía le llevará a casa.")).to_be_visible()


def _session(world: World, telephone: Telephone, patient: object, number: int) -> None:
    """The check-in is sent and answered, the dose signed, the session held, the next-day check-in sent."""
    from regrow.web.accounts.models import User
    from regrow.web.platform.database import writing
    from regrow.web.treatment.decisions import sign_decision
    from tests.session_factory import give

    course = patient.courses.get()  # type: ignore[attr-defined]
    appointment = course.appointments.get(number=number, canceled_at=None)
    telephone.clinic_works()
    world.clock.at = appointment.starts_at - timedelta(hours=25)
    texts = telephone.texts()
    assert any("ya puede contestar su cuestionario" in t for t in texts), texts
    falls = [2, 2, 2, 2, 1, 1, 1, 1, 0] if number < 4 else [1, 1, 1, 1, 0, 0, 0, 0, 0]
    _answers(telephone, telephone.link(texts, "c"), falls)
    world.clock.at = appointment.starts_at - timedelta(hours=2)
    assert not [t for t in telephone.texts() if "recordatorio: por favor conteste su cuestionario" in t]
    lin = User.objects.get(username="lin")
    with writing():
        decision = sign_decision(course, choice="changed", dose="0.5", reason="as agreed", signed_by=lin)
    world.clock.at = appointment.starts_at
    with writing():
        give(decision, nurse=appointment.nurse, at=world.clock.at)
    world.clock.at = appointment.starts_at + timedelta(hours=26)
    texts = telephone.texts()
    assert any("¿qué tal se siente hoy?" in t for t in texts), texts
    if number == 1:
        _answers(telephone, telephone.link(texts, "c"), [0, 0, 1, 0, 0])
        _window(telephone, patient)


def _window(telephone: Telephone, patient: object) -> None:
    from regrow.web.assessments.links import make_link

    _, token = make_link(patient, "page")  # type: ignore[arg-type]
    telephone.world.patient(telephone.page, f"/p/{token}/", BORN)
    page = telephone.page
    expect(page.get_by_role("heading", name="Un buen momento para empezar nuevos hábitos")).to_be_visible()
    expect(page.get_by_text("Caminar por el parque con Lucía")).to_be_visible()
    expect(page.get_by_text("después de una noche de sueño reparador")).to_be_visible()


def _booster(world: World, telephone: Telephone, cora: Page, lin: Page, patient: object) -> None:
    """A month on the score has risen: a task with an owner, a talk, a booster."""
    from regrow.web.assessments.responses import ask_for_score

    last = patient.courses.get().appointments.get(number=6)  # type: ignore[attr-defined]
    world.clock.at = last.starts_at + timedelta(days=6)
    telephone.texts()
    ask_for_score(patient, "phq-9")  # type: ignore[arg-type]
    _answers(telephone, telephone.link(telephone.texts(), "c"), [1, 1, 1, 0, 0, 0, 0, 0, 0])
    world.clock.at = last.starts_at + timedelta(days=33)
    texts = telephone.texts()
    assert any("desde su tratamiento anterior" in t for t in texts), texts
    link = telephone.link(texts, "c")
    telephone.open(link)
    page = telephone.page
    while page.locator("button[name=answer]").count():
        before = page.url
        page.locator("button[name=answer]").nth(2).click()
        page.wait_for_url(lambda url, before=before: url != before)
        if "/help/" in page.url:
            page.get_by_role("link", name="Continuar con el cuestionario").click()
    telephone.clinic_works()
    lin.goto(f"{world.address}/pipeline/")
    card = lin.locator("li.walker", has_text="Amara Benítez")
    expect(card.get_by_text(re.compile("the response is lost|wear off"))).to_be_visible()
    card.locator("summary").click()
    card.get_by_role("button", name="Reassessed: continue to maintenance").click()
    lin.goto(f"{world.address}/patients/{patient.id}/booster/")  # type: ignore[attr-defined]
    lin.get_by_role("button", name=re.compile("^Schedule")).first.click()
    expect(lin.get_by_text("Session 7:")).to_be_visible()
    assert any("sus citas ya quedaron programadas" in t for t in telephone.texts())
