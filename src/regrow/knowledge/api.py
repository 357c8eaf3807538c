"""The typed way to the shelf: one function a kind, and the clinic's own folder beside Regrow's files."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from threading import Lock
from typing import Any

from .candidacy import CandidacyRules
from .errors import BadKnowledge
from .files import read
from .kind import KnowledgeFile
from .kinds import KINDS
from .kinds.aftercare import Aftercare
from .kinds.cadence import OutreachSchedule
from .kinds.calibration import Calibration
from .kinds.checks import Checks
from .kinds.clinic import ClinicProfile
from .kinds.consent import Consent
from .kinds.contact import ContactRules
from .kinds.criterion import Criterion
from .kinds.crosswalk import Crosswalk
from .kinds.curve import Curve
from .kinds.custody import CustodyRules
from .kinds.definition import Definition
from .kinds.dose_effect import DoseEffect
from .kinds.dosing_weights import DosingWeights
from .kinds.drug_effects import DrugEffect
from .kinds.duty import EscalationPolicy
from .kinds.effect_parameters import EffectParameters
from .kinds.estimate import EstimateChoices
from .kinds.evidence import Figure
from .kinds.explorable import InteractiveFigure
from .kinds.interaction import Interaction
from .kinds.interview import InterviewGuide
from .kinds.lab import Lab
from .kinds.learn import LearnPage
from .kinds.limit import Limit
from .kinds.medicines import Drug, Formulary
from .kinds.message import MessageText
from .kinds.model import CompartmentModel
from .kinds.monitor import MonitorRules
from .kinds.path import PatientJourney
from .kinds.payer import Payer
from .kinds.picture import FigureSet
from .kinds.preparation import Preparation
from .kinds.protocol import InfusionProtocol, Protocol, SessionRules
from .kinds.rems_form import RemsForm
from .kinds.route import RouteFile
from .kinds.scale import Scale
from .kinds.sources import Source
from .kinds.sources import read as read_sources
from .kinds.staging import Staging
from .kinds.symptoms import SymptomTerm
from .kinds.titration import Titration
from .kinds.trial import Trial
from .kinds.virtual_people import VirtualCohort
from .kinds.workup import WorkupItem
from .repository import KnowledgeRepository, fingerprint
from .validation import all_problems, validate_file

_shelf = KnowledgeRepository()
_stamp: object = None
_lock = Lock()


def use(clinic_folder: Path | None, *, today: Callable[[], date]) -> Sequence[str]:
    """Puts a clinic's folder beside Regrow's own files, and again whenever one of its files has changed.

    Returns what is wrong with it, one sentence each; a file that is wrong is not in force (see `Shelf`).
    """
    global _shelf, _stamp
    now = (clinic_folder, fingerprint(clinic_folder), today() if clinic_folder else None)
    if now != _stamp:
        with _lock:
            if now != _stamp:
                _shelf = KnowledgeRepository(
                    clinic_folder, judge=lambda shelf, document: validate_file(shelf, document, today())
                )
                _stamp = now
    return _shelf.problems


def _typed(kind: str, id: str, version: int | None = None) -> Any:
    shelf = _shelf
    return shelf.made(
        (kind, id, version), lambda: KINDS[kind].read(shelf.document(kind, id, version).contents)
    )


def kinds() -> Sequence[str]:
    """Every kind of knowledge file."""
    return list(KINDS)


def ids(kind: str) -> Sequence[str]:
    """The ids of one kind, sorted. Raises `BadKnowledge` for a kind there is not."""
    if kind not in KINDS:
        raise BadKnowledge(f"there is no kind {kind!r}; there are: {', '.join(KINDS)}")
    return _shelf.ids(kind)


def document(kind: str, id: str, version: int | None = None) -> KnowledgeFile:
    """A file as it stands: the version in force, or the one asked for. Raises `BadKnowledge`."""
    ids(kind)
    return _shelf.document(kind, id, version)


def documents(kind: str) -> Sequence[KnowledgeFile]:
    """The version in force of every id of a kind."""
    return [_shelf.document(kind, id) for id in ids(kind)]


def history(kind: str, id: str) -> Sequence[KnowledgeFile]:
    """Every version of one id, oldest first."""
    ids(kind)
    return _shelf.history(kind, id)


def problems() -> Sequence[str]:
    """What is wrong with the clinic's own files; Regrow's stay in force."""
    return _shelf.problems


def check(today: date) -> Sequence[str]:
    """Reads every file and returns what is wrong, one sentence each; an empty list means all is well."""
    return all_problems(_shelf, today)


def scale(id: str, version: int | None = None) -> Scale:
    found: Scale = _typed("scale", id, version)
    return found


def crosswalk(id: str) -> Crosswalk:
    found: Crosswalk = _typed("crosswalk", id)
    return found


def crosswalks() -> Sequence[Crosswalk]:
    return [crosswalk(id) for id in ids("crosswalk")]


def formulary() -> Formulary:
    """Every medicine of every file; a clinic's file may add one or replace one of the same id."""
    shelf = _shelf

    def make() -> Formulary:
        drugs: dict[str, Drug] = {}
        for document in sorted(shelf.documents("medicines"), key=lambda d: (not d.ours, d.id)):
            drugs |= {drug.id: drug for drug in KINDS["medicines"].read(document.contents)}
        return Formulary(drugs.values())

    return shelf.made(("formulary",), make)


def antidepressants() -> Sequence[Drug]:
    return [drug for drug in formulary().drugs if "antidepressant" in drug.roles]


def candidacy_rules() -> CandidacyRules:
    """All rules of candidacy in force."""
    shelf = _shelf

    def make() -> CandidacyRules:
        def each(kind: str) -> Sequence[Any]:
            return [_typed(kind, id) for id in shelf.ids(kind)]

        definitions: Sequence[Definition] = sorted(each("definition"), key=lambda d: (d.order, d.id))
        criteria: Sequence[Criterion] = each("criterion")
        interactions: Sequence[Interaction] = each("interaction")
        stagings: Sequence[Staging] = each("staging")
        workup: Sequence[WorkupItem] = [item for items in each("workup") for item in items]
        return CandidacyRules(
            definitions=definitions,
            criteria=criteria,
            interactions=interactions,
            workup=workup,
            stagings=stagings,
            routes=routes(),
            scales={id: scale(id) for id in shelf.ids("scale")},
            formulary=formulary(),
        )

    return shelf.made(("candidacy",), make)


def routes() -> Sequence[RouteFile]:
    """Every way to be treated, in the order of their files."""
    return sorted((_typed("route", id) for id in ids("route")), key=lambda route: route.order)


def protocol(id: str, version: int | None = None) -> Protocol:
    """A protocol of any route, in the version asked for or in force."""
    found: Protocol = _typed("protocol", id, version)
    return found


def infusion_protocol(id: str, version: int | None = None) -> InfusionProtocol:
    """A protocol whose dose is titrated and infused. Raises `BadKnowledge` for another route."""
    found = protocol(id, version)
    if not isinstance(found, InfusionProtocol):
        raise BadKnowledge(f"{found.title} is not an infusion whose dose is titrated; choose one that is")
    return found


def titration(id: str, version: int | None = None) -> Titration:
    """A rule by which a dose moves: the version in force, or the one asked for. Raises `BadKnowledge`."""
    found: Titration = _typed("titration", id, version)
    return found


def dosing_weights() -> DosingWeights:
    """How an ideal and an adjusted weight are reckoned."""
    found: DosingWeights = _typed("dosing_weights", "weights")
    return found


def estimate_choices() -> EstimateChoices:
    """How one patient's estimate is made, and when it steps back."""
    found: EstimateChoices = _typed("estimate", "individual")
    return found


def session_rules(protocol_id: str, version: int | None = None) -> SessionRules:
    """How a session of this protocol is run, with the symptoms and scales in force beside it."""
    shelf = _shelf

    def make() -> SessionRules:
        rules = protocol(protocol_id, version).session
        terms: dict[str, SymptomTerm] = {}
        place = "home" if rules.at_home else "clinic"
        for id in shelf.ids("symptoms"):
            if shelf.document("symptoms", id).contents.get("place", "clinic") != place:
                continue
            terms |= {term.id: term for term in _typed("symptoms", id)}
        named = {course.scale for course in rules.courses}
        named |= {criterion.scale for criterion in rules.discharge if criterion.scale}
        named |= {capture.what for capture in rules.captures if capture.what != "pressure"}
        return replace(rules, symptoms=terms, scales={id: scale(id) for id in sorted(named)})

    return shelf.made(("session rules", protocol_id, version), make)


def custody() -> CustodyRules:
    """The rules of custody in force: the one file of this kind, which a clinic may replace by its own."""
    found: CustodyRules = _typed("custody", ids("custody")[0])
    return found


def monitor() -> MonitorRules:
    """What patient monitors call the vital signs, in which units, and how often a reading is kept."""
    found: MonitorRules = _typed("monitor", ids("monitor")[0])
    return found


def curve(id: str) -> Curve:
    """A curve for the simulated monitor. Raises `BadKnowledge` when there is none of that id."""
    found: Curve = _typed("curve", id)
    return found


def rems_form(medicine: str, on: date) -> RemsForm | None:
    """The version of the monitoring form in force for a medicine on a day; None where it has none."""
    forms: Sequence[RemsForm] = [
        _typed("rems_form", document.id, document.version)
        for id in ids("rems_form")
        for document in history("rems_form", id)
    ]
    fitting = [form for form in forms if form.medicine == medicine and form.effective <= on]
    return max(fitting, key=lambda form: form.effective, default=None)


def demo_limits(protocol_id: str) -> Mapping[str, str]:
    """The limits the demo clinic's invented director signs for a protocol."""
    found: Mapping[str, str] = _typed("limits", f"limits-{protocol_id}")
    return found


def limit(id: str) -> Limit:
    """A limit of the catalog; a clinic's file may add one or replace one of the same id. Raises `BadKnowledge`."""
    found = limit_catalog()
    if id not in found:
        raise BadKnowledge(f"there is no limit {id!r} in the catalog; add it to a file in limit-catalog")
    return found[id]


def limit_catalog() -> Mapping[str, Limit]:
    """Every clinical limit by its id."""
    shelf = _shelf

    def make() -> Mapping[str, Limit]:
        found: dict[str, Limit] = {}
        for document in sorted(shelf.documents("limit"), key=lambda d: (not d.ours, d.id)):
            found |= KINDS["limit"].read(document.contents)
        return found

    return shelf.made(("limits",), make)


def payer(id: str) -> Payer:
    found: Payer = _typed("payer", id)
    return found


def clinic(id: str) -> ClinicProfile:
    found: ClinicProfile = _typed("clinic", id)
    return found


def contact() -> ContactRules:
    """When people may be written to, and which words of theirs must be heard."""
    found: ContactRules = _typed("contact", ids("contact")[0])
    return found


def messages() -> Mapping[str, MessageText]:
    """What the clinic writes to people, by the id of the text."""
    return {id: text for file in ids("message") for id, text in _typed("message", file).items()}


def cadence_for(protocol_id: str) -> OutreachSchedule | None:
    """When people in a course under this protocol are asked how they are; None where no file says."""
    every: Sequence[OutreachSchedule] = [_typed("cadence", id) for id in ids("cadence")]
    return next((c for c in every if protocol_id in c.protocols), None)


def consent(id: str = "treatment", version: int | None = None) -> Consent:
    """What a person agrees to before the first session; the version in force, or an older one that was signed."""
    found: Consent = _typed("consent", id, version)
    return found


def preparation(id: str = "before-session") -> Preparation:
    """What somebody does before a session, by the clock."""
    found: Preparation = _typed("preparation", id)
    return found


def interview(id: str = "first-hour", version: int | None = None) -> InterviewGuide:
    """The guide of the first talk; the version in force, or an older one by which a talk was held."""
    found: InterviewGuide = _typed("interview", id, version)
    return found


def checks(id: str = "maintenance") -> Checks:
    """What is watched in long treatment."""
    found: Checks = _typed("checks", id)
    return found


def duty(id: str = "crisis") -> EscalationPolicy:
    """Who is told when somebody may be in danger."""
    found: EscalationPolicy = _typed("duty", id)
    return found


def aftercare(id: str = "window", language: str = "en") -> Aftercare:
    """The plan for the days after, in a language; in English where it is not written yet."""
    found: Aftercare = _typed("aftercare", _spoken("aftercare", id, language))
    return found


def learn_page(id: str, language: str = "en") -> LearnPage:
    """A public page by its subject, in a language; in English where it is not written yet."""
    found: LearnPage = _typed("learn", _spoken("learn", id, language))
    return found


def learn_pages(language: str = "en") -> Sequence[LearnPage]:
    """Every public page in a language, in the order in which they are best read."""
    every: Sequence[LearnPage] = [_typed("learn", id) for id in ids("learn")]
    found = {page.subject: page for page in every if page.language == "en"}
    found |= {page.subject: page for page in every if page.language == language}
    return sorted(found.values(), key=lambda page: page.order)


def _spoken(kind: str, id: str, language: str) -> str:
    own = f"{id}-{language}"
    return own if own in ids(kind) else id


def model(id: str) -> CompartmentModel:
    """A pharmacokinetic model by its id or its short name, such as K4. Raises `BadKnowledge`."""
    shelf = _shelf
    by_short = shelf.made(
        ("models by short name",),
        lambda: {document.contents["short"].lower(): document.id for document in shelf.documents("model")},
    )
    found: CompartmentModel = _typed("model", by_short.get(id.lower(), id))
    return found


def drug_effects() -> Mapping[str, DrugEffect]:
    """What other medicines do to the exposure to ketamine, by id."""
    return {e.id: e for id in ids("drug_effects") for e in _typed("drug_effects", id)}


def effect_parameters(id: str = "fitted") -> EffectParameters:
    """What the effects of ketamine are taken to be: as fitted, or `start`, before any fit."""
    found: EffectParameters = _typed("effect_parameters", id)
    return found


def dose_effect(id: str = "weights") -> DoseEffect:
    """The answers to how effect depends on dose, with the weights in force."""
    found: DoseEffect = _typed("dose_effect", id)
    return found


def alignment(id: str = "scales") -> Mapping[str, Sequence[tuple[float, float]]]:
    """For virtual trials only: points (score, score on the hub) of scales without a published table."""
    found: Mapping[str, Sequence[tuple[float, float]]] = _typed("alignment", id)
    return found


def trial(id: str) -> Trial:
    found: Trial = _typed("trial", id)
    return found


def calibration(id: str = "open-figures") -> Calibration:
    """The published figures that the model is fitted to."""
    found: Calibration = _typed("calibration", id)
    return found


def lab(id: str = "courses") -> Lab:
    """What the protocol lab offers beside the clinic's own infusion protocols."""
    found: Lab = _typed("lab", id)
    return found


def virtual_people(id: str) -> VirtualCohort:
    """Virtual people written down, such as those of the demo clinic."""
    found: VirtualCohort = _typed("virtual_people", id)
    return found


def trial_from(path: Path) -> Trial:
    """A trial from any file, held to the same rules as the knowledge's own. Raises `BadKnowledge`."""
    return _from_file("trial", path)  # type: ignore[no-any-return]


def effect_parameters_from(path: Path) -> EffectParameters:
    """Parameters from any file. Raises `BadKnowledge`, also for a hash that the values do not have."""
    return _from_file("effect_parameters", path)  # type: ignore[no-any-return]


def _from_file(kind: str, path: Path) -> Any:
    contents = read(path, kind)
    try:
        return KINDS[kind].read(contents)
    except (KeyError, TypeError, ValueError) as mistake:
        raise BadKnowledge(f"{path.name}: {mistake}") from mistake


def explorable(id: str, language: str = "en") -> InteractiveFigure:
    """The words of a picture, in a language; in English where they are not written yet."""
    found: InteractiveFigure = _typed("explorable", _spoken("explorable", id, language))
    return found


def path(id: str = "first-question", language: str = "en") -> PatientJourney:
    """The way from the first question to the first session, in a language; in English where it is not written yet."""
    found: PatientJourney = _typed("path", _spoken("path", id, language))
    return found


def picture(id: str, language: str = "en") -> FigureSet:
    """Figures shown together, in a language; in English where they are not written yet."""
    found: FigureSet = _typed("picture", _spoken("picture", id, language))
    return found


def sources() -> Mapping[str, Source]:
    """Every source that a file names: of the common list, and of the files that bring their own."""
    shelf = _shelf

    def make() -> Mapping[str, Source]:
        found: dict[str, Source] = {}
        for kind in KINDS:
            for document in shelf.documents(kind):
                found |= read_sources(document.contents)
        return found

    return shelf.made(("sources",), make)


def figures() -> Mapping[str, Figure]:
    """The evidence ledger: every published figure by its key."""
    shelf = _shelf

    def make() -> Mapping[str, Figure]:
        found: dict[str, Figure] = {}
        for id in shelf.ids("evidence"):
            found |= _typed("evidence", id)
        return found

    return shelf.made(("figures",), make)
