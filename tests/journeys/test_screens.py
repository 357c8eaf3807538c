"""Every screen at phone, tablet and desktop width: no axe findings, no overflow, nothing that needs a mouse."""

import re
import zlib
from http.client import HTTPConnection
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.staticfiles import finders
from playwright.sync_api import Page

from regrow.web.platform.database import writing

from .conftest import DESK, PHONE, TABLET, World

pytestmark = [pytest.mark.journey]
PUBLIC = [
    "/",
    "/contact/",
    "/contact/sent/",
    "/learn/",
    "/learn/faq/",
    "/learn/getting-started/",
    "/learn/how-ketamine-works/",
    "/learn/how-ketamine-works/short/",
    "/learn/model/",
    "/learn/what-to-expect/",
    "/evidence/",
    "/evidence/?q=bladder",
    "/evidence/?q=zzz",
    "/evidence/star-d/",
    "/learn/compare/",
    "/login/",
    "/nothing/",
]


def staff_screens(page: Page, world: World) -> list[tuple[str, str]]:
    """(name, address) of every screen a person of the staff can open by following links."""
    from regrow.web.courses.models import Course
    from regrow.web.patients.models import Patient

    course = Course.objects.filter(appointments__number=3, appointments__session__isnull=False).first()
    assert course is not None
    empty = Patient.objects.filter(courses=None, facts=None).first()
    long_name = Patient.objects.get(name__startswith="Maria-Magdalena")
    assert empty is not None
    screens = [
        (name, f"/{name}/")
        for name in [
            "today",
            "patients",
            "pipeline",
            "messages",
            "calendar",
            "sessions",
            "witness",
            "ledger",
            "rems",
            "alerts",
            "protocols",
            "outcomes",
            "audit",
            "simulator",
            "design-system",
            "rules",
        ]
    ]
    screens += [
        (f"knowledge-{id}", f"/rules/{kind}/{id}/")
        for kind, id in [
            ("scale", "phq-9"),
            ("criterion", "mania"),
            ("medicines", "antidepressants"),
            ("protocol", "iv-weekly-6"),
        ]
    ]
    screens += [
        ("knowledge-old", "/rules/scale/phq-9/?version=1"),
        ("knowledge-none", "/rules/?q=zzz"),
    ]
    screens += [
        ("sign", "/protocols/iv-weekly-6/sign/"),
        ("duty", "/alerts/escalation/"),
        ("checks", "/protocols/monitoring/"),
        ("sign-home", "/protocols/sublingual-at-home/sign/"),
        ("registry", "/outcomes/dose-response/"),
        ("shadow", "/protocols/iv-weekly-6/shadow/?rule=t-cusin.v1"),
        ("nobody", "/patients/?q=zzz"),
        ("quiet", "/calendar/?week=40"),
    ]
    screens += [("dark", "/design-system/?theme=dark"), ("dim", "/design-system/?theme=dim")]
    for who, patient in (("full", course.patient), ("empty", empty), ("long", long_name)):
        for part in [
            "",
            "intake-visit/",
            "eligibility/",
            "scales/",
            "schedule/manual/",
            "dosing/",
            "coverage/",
        ]:
            screens.append((f"{who}-{part.strip('/') or 'chart'}", f"/patients/{patient.id}/{part}"))
    for instrument in ("madrs", "gad-7", "c-ssrs-screener", "own-goal"):
        screens.append((f"rate-{instrument}", f"/patients/{course.patient.id}/scales/{instrument}/"))
    comparison = ("lab-done", f"/simulator/{a_comparison().id}/")
    return [*screens, *talk_screens(), *chairside_screens(), comparison]


def talk_screens() -> list[tuple[str, str]]:
    """A talk that is going on, by its sections, and the notes of this one and of one that ended."""
    from regrow.web.interview.models import IntakeVisit

    going = IntakeVisit.objects.filter(ended_at=None).order_by("started_at").first()
    ended = IntakeVisit.objects.exclude(ended_at=None).order_by("started_at").first()
    assert going is not None and ended is not None
    where = f"/patients/{going.patient_id}/intake-visit/"
    found = [(f"talk-{part}", f"{where}#{part}") for part in ("arrival", "tried", "body", "end")]
    for name, talk in (("going", going), ("ended", ended)):
        found.append((f"talk-note-{name}", f"/patients/{talk.patient_id}/intake-visit/{talk.id}/"))
    return found


def chairside_screens() -> list[tuple[str, str]]:
    """A session under way, one with devices, one that is closed, and the form of the one with devices."""
    from regrow.web.dosing_sessions.models import DosingSession

    # Sessions at home have a test of their own.
    sessions = DosingSession.objects.select_related("appointment__course__signature").exclude(
        appointment__course__signature__file_id="sublingual-at-home"
    )
    devices = sessions.filter(appointment__course__signature__file_id="spravato-label").first()
    running = sessions.filter(closed_at=None).exclude(id=devices.id).first()
    done = sessions.exclude(closed_at=None).first()
    found = [
        (f"session-{who}", f"/patients/{session.appointment.course.patient_id}/sessions/{session.id}/")
        for who, session in (("running", running), ("devices", devices), ("closed", done))
    ]
    return [*found, ("rems-form", f"{found[1][1]}rems/")]


def a_comparison():
    """A finished comparison of the lab; its few virtual people are treated here."""
    from regrow.simulation.comparison import choices, report, trial_for
    from regrow.web.accounts.models import User
    from regrow.web.platform import clock
    from regrow.web.platform.content import knowledge
    from regrow.web.simulator.models import SimulationRun

    known = {choice.id: choice for choice in choices(knowledge)}
    first, second = known["iv-weekly-6"], known["sc-ladder"]
    run, made = SimulationRun.objects.get_or_create(
        first=first.id,
        second=second.id,
        population="practice",
        size=300,
        defaults={
            "requested_by": User.objects.get(username="dora"),
            "requested_at": clock.now(),
            "titles": {
                "first": first.title,
                "second": second.title,
                "population": "Community practice patients",
            },
        },
    )
    if made:
        SimulationRun.objects.filter(id=run.id).update(
            state=SimulationRun.DONE,
            report=report(trial_for(first, second, "practice", 300, knowledge), knowledge),
        )
    return run


# Screens that are meant to say that nothing is there, or that the role may not open them.
REFUSED = ("public-nothing", "patient-gone", "refused")


def examine(page: Page, address: str, name: str, folder: Path | None) -> list[str]:
    answer = page.goto(address)
    # A section of a page that is open already is no new answer.
    if answer is not None and answer.ok is name.startswith(REFUSED):
        return [f"{name}: {answer.status} at {address}"]
    if "#" in address:
        page.reload()  # a section is no page of its own: the same address again is not loaded anew
    if folder:
        page.screenshot(path=folder / f"{name}.png", full_page=True)
    found = [
        f"{name}: {v['id']}: {v['nodes'][0]['html'][:160]}" for v in Axe().run(page).response["violations"]
    ]
    over = page.evaluate("() => document.documentElement.scrollWidth - window.innerWidth")
    if over > 0:
        found.append(f"{name}: {over} px over the edge")
    return [*found, *(f"{name}: needs a mouse: {element}" for element in unreachable(page))]


def unreachable(page: Page) -> list[str]:
    """What can be pressed and is not reached by the tab key."""
    pressable = page.locator(
        "a[href]:visible, button:visible:not([disabled]), input:visible:not([disabled]), select:visible, "
        "textarea:visible, summary:visible"
    )
    found = pressable.evaluate_all("all => all.filter(e => e.tabIndex < 0).map(e => e.outerHTML)")
    others = page.locator("[onclick], div[role=button], span[role=button]")
    return [*found, *others.evaluate_all("all => all.map(e => e.outerHTML)")]


@pytest.mark.parametrize(("size", "width", "dark"), [(PHONE, "phone", True), (DESK, "desk", False)])
def test_axe_finds_nothing_on_public_pages(
    world: World, screens: Path | None, size, width: str, dark: bool
) -> None:
    page = world.visitor(size, dark)
    found = []
    for address in PUBLIC:
        name = f"public-{address.strip('/').replace('/', '-') or 'home'}-{width}"
        found += examine(page, world.address + address, name, screens)
    page.context.close()

    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("size", "width", "dark"), [(PHONE, "phone", True), (TABLET, "tablet", False), (DESK, "desk", False)]
)
def test_axe_finds_nothing_on_any_staff_screen(
    world: World, screens: Path | None, size, width: str, dark: bool
) -> None:
    page = world.person("dora", size, dark)
    found = []
    for name, address in staff_screens(page, world):
        found += examine(page, world.address + address, f"{name}-{width}", screens)
    page.context.close()

    assert not found, "\n".join(found)


def test_axe_finds_nothing_on_the_front_desks_screens(world: World, screens: Path | None) -> None:
    from regrow.web.appointments.models import Appointment
    from regrow.web.conversations.models import ContactPoint, Inquiry
    from regrow.web.courses.models import Course
    from regrow.web.patients.models import Patient

    inquiry = Inquiry.objects.filter(patient=None).first()
    assert inquiry is not None
    nobody = Patient.objects.filter(courses=None).first()
    appointment = Appointment.objects.filter(session=None, canceled_at=None).order_by("-starts_at").first()
    finished = Course.objects.exclude(appointments__session=None).first().patient
    found = []
    for size, width in ((PHONE, "phone"), (DESK, "desk")):
        page = world.person("cora", size)
        for name, address in [
            ("today-cora", "/today/"),
            ("inquiries", "/inquiries/"),
            ("inquiry", f"/inquiries/{inquiry.id}/"),
            ("board", "/pipeline/"),
            ("inbox", "/messages/"),
            ("find", f"/patients/{nobody.id}/schedule/?protocol=iv-weekly-6&begin=2026-10-27&part=morning"),
            (
                "find-none",
                f"/patients/{nobody.id}/schedule/?protocol=iv-weekly-6&begin=2026-10-27&part=any&until=2026-11-01",
            ),
            ("session-times", f"/appointments/{appointment.id}/options/"),
            ("booster", f"/patients/{finished.id}/booster/"),
            ("waiting", "/waitlist/"),
            ("shifts", "/settings/staff-schedule/"),
            ("thread", f"/messages/{ContactPoint.objects.exclude(inquiry=None).first().id}/"),
            ("outbox", "/messages/sent/"),
            ("refused", "/audit/"),
        ]:
            found += examine(page, world.address + address, f"{name}-{width}", screens)
        page.context.close()

    assert not found, "\n".join(found)


def test_axe_finds_nothing_on_the_patients_screens(world: World, screens: Path | None) -> None:
    from regrow.web.assessments.links import make_link
    from regrow.web.assessments.responses import ask_for_score
    from regrow.web.conversations.models import Message
    from regrow.web.courses.models import Course

    patient = (
        Course.objects.filter(appointments__number=6, appointments__session__isnull=False).first().patient
    )
    ask_for_score(patient, "phq-9")
    link = (
        Message.objects.order_by("-created_at", "id")
        .filter(patient=patient, link__startswith="/c/")
        .first()
        .link
    )
    _, token = make_link(patient, "page")
    found = []
    phone = world.visitor(PHONE)
    found += examine(phone, f"{world.address}/p/{token}/", "patient-born", screens)
    world.patient(phone, f"/p/{token}/", patient.birth_date)
    found += examine(phone, f"{world.address}/p/{token}/", "patient-page", screens)
    found += examine(phone, f"{world.address}/p/{token}/choose/", "patient-choose", screens)
    found += examine(phone, f"{world.address}/p/{token}/consent/", "patient-consent", screens)
    world.patient(phone, link, patient.birth_date)
    found += examine(phone, f"{world.address}{link}", "patient-item", screens)
    for number in range(1, 10):
        phone.goto(f"{world.address}{link}{number}/")
        phone.locator("button[value='1']").click()
        phone.wait_for_load_state()
    found += examine(phone, f"{world.address}{link}help/", "patient-help", screens)
    found += examine(phone, f"{world.address}{link}done/", "patient-done", screens)
    found += examine(phone, f"{world.address}/p/none/", "patient-gone", screens)
    _, before = make_link(patient, "intake")
    world.patient(phone, f"/i/{before}/", patient.birth_date)
    for place in ("about", "q-seizures", "medicines", "helped", "else"):
        found += examine(phone, f"{world.address}/i/{before}/{place}/", f"patient-intake-{place}", screens)
    for name, address in (
        ("talk", f"/i/{before}/visit/"),
        ("card", f"/k/{before}/"),
        ("share", f"/p/{token}/share/"),
    ):
        found += examine(phone, f"{world.address}{address}", f"patient-{name}", screens)
    _, plan = make_link(patient, "plan")
    world.patient(phone, f"/t/{plan}/", patient.birth_date)
    found += examine(phone, f"{world.address}/t/{plan}/", "patient-shared", screens)
    phone.context.close()

    assert not found, "\n".join(found)


def test_axe_finds_nothing_in_a_session_at_home(world: World, screens: Path | None) -> None:
    """The person's telephone and the nurse's tablet, before the dose and after a call for help."""
    from regrow.web.accounts.models import User
    from regrow.web.assessments.links import make_link
    from regrow.web.treatment.sessions import open_session

    patient, appointment = _booked_at_home(world.clock.at)
    nina = User.objects.get(username="nina")
    with writing():
        session = open_session(appointment, by=nina)
        _, token = make_link(patient, "home")
    found = []
    phone, tablet = world.visitor(PHONE), world.person("nina", TABLET)
    world.patient(phone, f"/h/{token}/", patient.birth_date)
    found += examine(phone, f"{world.address}/h/{token}/", "home", screens)
    phone.get_by_label("Where are you now?").fill("12 Elm Street, Queens")
    phone.get_by_role("button", name="Save my location").click()
    for label, value in (
        ("Systolic (top number)", "124"),
        ("Diastolic (bottom number)", "78"),
        ("Pulse", "70"),
    ):
        phone.get_by_label(label).fill(value)
    phone.get_by_role("button", name="Send to my nurse").click()
    phone.get_by_text("124/78").wait_for()
    where = f"/patients/{patient.id}/sessions/{session.id}/"
    tablet.goto(world.address + where)
    tablet.get_by_text("At home: 12 Elm Street, Queens").wait_for()
    phone.get_by_role("button", name="Call my nurse now").click()
    phone.get_by_text("has seen that you need help").wait_for()
    # The tablet receives it by live update.
    tablet.get_by_text("No answer: call the adult on site, then call 911").first.wait_for()
    found += examine(phone, f"{world.address}/h/{token}/", "home-help", screens)
    found += examine(tablet, world.address + where, "home-nurse", screens)
    for page in (phone, tablet):
        page.context.close()

    assert not found, "\n".join(found)


def _booked_at_home(at):
    """A patient booked under the at-home protocol, with the demo's limits of the same route."""
    from datetime import date, timedelta

    from regrow.web.accounts.models import User
    from regrow.web.appointments.models import Appointment, Chair
    from regrow.web.courses.models import Course
    from regrow.web.patients.services import new_patient
    from regrow.web.platform.content import knowledge
    from regrow.web.signing.models import SignedValues
    from regrow.web.treatment.decisions import sign_decision

    cora, lin, nina = (User.objects.get(username=name) for name in ("cora", "lin", "nina"))
    protocol = knowledge.protocol("sublingual-at-home")
    signed = knowledge.demo_limits("sublingual-supervised")
    with writing():
        signature = SignedValues.objects.create(
            kind="protocol",
            file_id=protocol.id,
            version=protocol.version,
            values={name: signed[name] for name in protocol.unset_limits},
            signed_by=User.objects.get(username="dora"),
            signed_at=at,
        )
        patient = new_patient(
            name="Amara Diallo", owner=cora, birth_date=date(1990, 2, 3), phone="917-555-0777"
        )
        course = Course.objects.create(patient=patient, signature=signature, planned_by=lin, planned_at=at)
        appointment = Appointment.objects.create(
            course=course,
            number=1,
            chair=Chair.objects.get_or_create(name="Home 1", place="home")[0],
            nurse=nina,
            starts_at=at + timedelta(days=200),
            ends_at=at + timedelta(days=200, hours=2),
        )
        sign_decision(course, choice="changed", dose="40", reason="As agreed in the talk", signed_by=lin)
    return patient, appointment


def test_the_first_tab_stop_skips_to_the_main_content(world: World) -> None:
    page = world.person("dora")
    page.goto(f"{world.address}/today/")
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.className") == "skip"
    page.context.close()


def test_the_chair_and_its_boards_hold_at_twice_the_size(world: World, screens: Path | None) -> None:
    """A browser zoomed to 200 % has half the width; everything is still there, and nothing runs over the edge."""
    context = world.browser.new_context(
        viewport={"width": TABLET["width"] // 2, "height": TABLET["height"] // 2}, device_scale_factor=2
    )
    page = context.new_page()
    world.sign_in(page, "nina")
    found = []
    for name, address in [("chairs", "/sessions/"), ("ledger", "/ledger/"), *chairside_screens()]:
        found += examine(page, world.address + address, f"{name}-zoomed", screens)
    context.close()

    assert not found, "\n".join(found)


def test_a_chair_prints_as_one_page_black_on_white(world: World) -> None:
    page = world.person("nina")
    for name, address in chairside_screens()[:3]:
        page.goto(world.address + address)
        page.locator("#strip svg").wait_for()
        paper = page.pdf(format="Letter")
        assert len(re.findall(rb"/Type\s*/Page\b", paper)) == 1, name
    page.emulate_media(media="print")
    assert (
        page.evaluate("() => getComputedStyle(document.documentElement).getPropertyValue('--ink')")
        == "#000000"
    )
    page.context.close()


def test_files_arrive_whole_however_they_travel(world: World) -> None:
    """Every script and style byte for byte, as a browser asks: compressed, one after the other on one connection."""
    line = HTTPConnection(world.address.removeprefix("http://"))
    for name in (
        "dosing_sessions/chair.js",
        "dosing_sessions/fold.js",
        "dosing_sessions/fold/refusals.js",
        "regrow/style/session.css",
        "regrow/staff.js",
    ):
        line.request("GET", f"/static/{name}", headers={"Accept-Encoding": "gzip, deflate, br"})
        answer = line.getresponse()
        whole = answer.read()
        if answer.headers.get("Content-Encoding") == "gzip":
            # As a browser does it: one stream; another one after it is not read.
            whole = zlib.decompressobj(31).decompress(whole)
        assert whole == Path(finders.find(name)).read_bytes(), name
