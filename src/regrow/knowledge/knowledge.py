"""What the clinic knows, as one value: Regrow's files with a clinic's beside them, by typed accessors."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

from .access import FileAccess
from .candidacy import CandidacyRules
from .errors import BadKnowledge
from .kind import KnowledgeFile
from .kinds import KINDS
from .kinds.aftercare import KIND as AFTERCARE
from .kinds.aftercare import Aftercare
from .kinds.alignment import KIND as ALIGNMENT
from .kinds.cadence import KIND as CADENCE
from .kinds.cadence import OutreachSchedule
from .kinds.calibration import KIND as CALIBRATION
from .kinds.calibration import Calibration
from .kinds.checks import KIND as CHECKS
from .kinds.checks import Checks
from .kinds.clinic import KIND as CLINIC
from .kinds.clinic import ClinicProfile
from .kinds.consent import KIND as CONSENT
from .kinds.consent import Consent
from .kinds.contact import KIND as CONTACT
from .kinds.contact import ContactRules
from .kinds.criterion import KIND as CRITERION
from .kinds.crosswalk import KIND as CROSSWALK
from .kinds.crosswalk import Crosswalk
from .kinds.curve import KIND as CURVE
from .kinds.curve import Curve
from .kinds.custody import KIND as CUSTODY
from .kinds.custody import CustodyRules
from .kinds.definition import KIND as DEFINITION
from .kinds.dose_effect import KIND as DOSE_EFFECT
from .kinds.dose_effect import DoseEffect
from .kinds.dosing_weights import KIND as DOSING_WEIGHTS
from .kinds.dosing_weights import DosingWeights
from .kinds.drug_effects import KIND as DRUG_EFFECTS
from .kinds.drug_effects import DrugEffect
from .kinds.duty import KIND as DUTY
from .kinds.duty import EscalationPolicy
from .kinds.effect_parameters import KIND as EFFECT_PARAMETERS
from .kinds.effect_parameters import EffectParameters
from .kinds.estimate import KIND as ESTIMATE
from .kinds.estimate import EstimateChoices
from .kinds.evidence import KIND as EVIDENCE
from .kinds.evidence import Figure
from .kinds.explorable import KIND as EXPLORABLE
from .kinds.explorable import InteractiveFigure
from .kinds.interaction import KIND as INTERACTION
from .kinds.interview import KIND as INTERVIEW
from .kinds.interview import InterviewGuide
from .kinds.lab import KIND as LAB
from .kinds.lab import Lab
from .kinds.learn import KIND as LEARN
from .kinds.learn import LearnPage
from .kinds.limit import KIND as LIMIT
from .kinds.limit import Limit
from .kinds.limits import KIND as LIMITS
from .kinds.medicines import Drug, Formulary
from .kinds.medicines import read as read_medicines
from .kinds.message import KIND as MESSAGE
from .kinds.message import MessageText
from .kinds.model import KIND as MODEL
from .kinds.model import CompartmentModel
from .kinds.monitor import KIND as MONITOR
from .kinds.monitor import MonitorRules
from .kinds.path import KIND as PATH
from .kinds.path import PatientJourney
from .kinds.payer import KIND as PAYER
from .kinds.payer import Payer
from .kinds.picture import KIND as PICTURE
from .kinds.picture import FigureSet
from .kinds.preparation import KIND as PREPARATION
from .kinds.preparation import Preparation
from .kinds.protocol import KIND as PROTOCOL
from .kinds.protocol import InfusionProtocol, Protocol, SessionRules
from .kinds.rems_form import KIND as REMS_FORM
from .kinds.rems_form import RemsForm
from .kinds.route import KIND as ROUTE
from .kinds.route import RouteFile
from .kinds.scale import KIND as SCALE
from .kinds.scale import Scale
from .kinds.sources import Source
from .kinds.sources import read as read_sources
from .kinds.staging import KIND as STAGING
from .kinds.symptoms import KIND as SYMPTOMS
from .kinds.symptoms import SymptomTerm
from .kinds.titration import KIND as TITRATION
from .kinds.titration import Titration
from .kinds.trial import KIND as TRIAL
from .kinds.trial import Trial
from .kinds.virtual_people import KIND as VIRTUAL_PEOPLE
from .kinds.virtual_people import VirtualCohort
from .kinds.workup import KIND as WORKUP
from .outline import OutlineLine, named, outline
from .repository import KnowledgeRepository
from .validation import validate_file


class Knowledge(FileAccess):
    """Everything the clinic knows, at one moment. Another folder, or a changed file, is another `Knowledge`."""

    @staticmethod
    @cache
    def shipped() -> "Knowledge":
        """Regrow's own files alone."""
        return Knowledge(KnowledgeRepository())

    @classmethod
    def load(cls, clinic_folder: Path | None, today: date) -> "Knowledge":
        """Regrow's files with a clinic's folder beside them, as of a day; `problems` names the files that are wrong."""
        if clinic_folder is None:
            return cls.shipped()
        return cls(
            KnowledgeRepository(clinic_folder, validate=lambda of, file: validate_file(of, file, today))
        )

    def scale(self, id: str, version: int | None = None) -> Scale:
        return self.get(SCALE, id, version)

    def crosswalk(self, id: str) -> Crosswalk:
        return self.get(CROSSWALK, id)

    def crosswalks(self) -> Sequence[Crosswalk]:
        return self.every(CROSSWALK)

    def formulary(self) -> Formulary:
        """Every medicine of every file; a clinic's file may add one or replace one of the same id."""

        def make() -> Formulary:
            drugs: dict[str, Drug] = {}
            for document in sorted(self.repository.documents("medicines"), key=lambda d: (not d.ours, d.id)):
                drugs |= {drug.id: drug for drug in read_medicines(document.contents)}
            return Formulary(drugs.values())

        return self.cached(("formulary",), make)

    def antidepressants(self) -> Sequence[Drug]:
        return [drug for drug in self.formulary().drugs if "antidepressant" in drug.roles]

    def candidacy_rules(self) -> CandidacyRules:
        """All rules of candidacy in force."""
        return self.cached(
            ("candidacy",),
            lambda: CandidacyRules(
                definitions=sorted(self.every(DEFINITION), key=lambda d: (d.order, d.id)),
                criteria=self.every(CRITERION),
                interactions=self.every(INTERACTION),
                workup=[item for items in self.every(WORKUP) for item in items],
                stagings=self.every(STAGING),
                routes=self.routes(),
                scales={scale.id: scale for scale in self.every(SCALE)},
                formulary=self.formulary(),
            ),
        )

    def routes(self) -> Sequence[RouteFile]:
        """Every way to be treated, in the order of their files."""
        return sorted(self.every(ROUTE), key=lambda route: route.order)

    def protocol(self, id: str, version: int | None = None) -> Protocol:
        """A protocol of any route, in the version asked for or in force."""
        return self.get(PROTOCOL, id, version)

    def infusion_protocol(self, id: str, version: int | None = None) -> InfusionProtocol:
        """A protocol whose dose is titrated and infused. Raises `BadKnowledge` for another route."""
        found = self.protocol(id, version)
        if not isinstance(found, InfusionProtocol):
            raise BadKnowledge(f"{found.title} is not an infusion whose dose is titrated; choose one that is")
        return found

    def titration(self, id: str, version: int | None = None) -> Titration:
        """A titration rule: the current version, or the one asked for. Raises `BadKnowledge`."""
        return self.get(TITRATION, id, version)

    def dosing_weights(self) -> DosingWeights:
        """How ideal and adjusted weight are computed."""
        return self.get(DOSING_WEIGHTS, "weights")

    def estimate_choices(self) -> EstimateChoices:
        """How one patient's estimate is computed, and when none is shown."""
        return self.get(ESTIMATE, "individual")

    def session_rules(self, protocol_id: str, version: int | None = None) -> SessionRules:
        """How a session of this protocol is run, with the symptoms and scales in force beside it."""

        def make() -> SessionRules:
            rules = self.protocol(protocol_id, version).session
            terms: dict[str, SymptomTerm] = {}
            place = "home" if rules.at_home else "clinic"
            for id in self.repository.ids("symptoms"):
                if self.repository.document("symptoms", id).contents.get("place", "clinic") != place:
                    continue
                terms |= {term.id: term for term in self.get(SYMPTOMS, id)}
            named = {course.scale for course in rules.courses}
            named |= {criterion.scale for criterion in rules.discharge if criterion.scale}
            named |= {capture.what for capture in rules.captures if capture.what != "pressure"}
            return replace(rules, symptoms=terms, scales={id: self.scale(id) for id in sorted(named)})

        return self.cached(("session rules", protocol_id, version), make)

    def custody(self) -> CustodyRules:
        """The rules of custody in force: the one file of this kind, which a clinic may replace by its own."""
        return self.get(CUSTODY, self.ids("custody")[0])

    def monitor(self) -> MonitorRules:
        """Vital-sign codes and units of patient monitors, and how often a reading is saved."""
        return self.get(MONITOR, self.ids("monitor")[0])

    def curve(self, id: str) -> Curve:
        """A curve for the simulated monitor. Raises `BadKnowledge` when there is none of that id."""
        return self.get(CURVE, id)

    def rems_form(self, medicine: str, on: date) -> RemsForm | None:
        """The version of the monitoring form in force for a medicine on a day; None where it has none."""
        forms = [
            self.get(REMS_FORM, document.id, document.version)
            for id in self.ids("rems_form")
            for document in self.history("rems_form", id)
        ]
        fitting = [form for form in forms if form.medicine == medicine and form.effective <= on]
        return max(fitting, key=lambda form: form.effective, default=None)

    def demo_limits(self, protocol_id: str) -> Mapping[str, str]:
        """Limits that the demo clinic's fictional director signs for a protocol."""
        return self.get(LIMITS, f"limits-{protocol_id}")

    def limit(self, id: str) -> Limit:
        """A limit of the catalog; a clinic's file may add one or replace one of the same id. Raises `BadKnowledge`."""
        found = self.limit_catalog()
        if id not in found:
            raise BadKnowledge(f"there is no limit {id!r} in the catalog; add it to a file in limit-catalog")
        return found[id]

    def limit_catalog(self) -> Mapping[str, Limit]:
        """Every clinical limit by its id."""

        def make() -> Mapping[str, Limit]:
            found: dict[str, Limit] = {}
            for document in sorted(self.repository.documents("limit"), key=lambda d: (not d.ours, d.id)):
                limits = self.get(LIMIT, document.id)
                found.update(limits)
            return found

        return self.cached(("limits",), make)

    def payer(self, id: str) -> Payer:
        return self.get(PAYER, id)

    def payers(self) -> Sequence[Payer]:
        """Every payer's criteria, by title."""
        return sorted((self.payer(id) for id in self.ids("payer")), key=lambda payer: payer.title)

    def clinic(self, id: str) -> ClinicProfile:
        return self.get(CLINIC, id)

    def contact(self) -> ContactRules:
        """Contact hours, and the phrases that a message is screened for."""
        return self.get(CONTACT, self.ids("contact")[0])

    def messages(self) -> Mapping[str, MessageText]:
        """Message texts to patients, by id."""
        return {id: text for texts in self.every(MESSAGE) for id, text in texts.items()}

    def cadence_for(self, protocol_id: str) -> OutreachSchedule | None:
        """Outreach schedule of a course under this protocol; None if no file defines one."""
        return next((c for c in self.every(CADENCE) if protocol_id in c.protocols), None)

    def consent(self, id: str = "treatment", version: int | None = None) -> Consent:
        """Consent form before the first session: the current version, or an older one that was signed."""
        return self.get(CONSENT, id, version)

    def preparation(self, id: str = "before-session") -> Preparation:
        """Pre-visit instructions with their times before a session."""
        return self.get(PREPARATION, id)

    def interview(self, id: str = "first-hour", version: int | None = None) -> InterviewGuide:
        """Intake visit guide: the current version, or the older one a visit used."""
        return self.get(INTERVIEW, id, version)

    def checks(self, id: str = "maintenance") -> Checks:
        """Monitoring intervals of long-term treatment."""
        return self.get(CHECKS, id)

    def duty(self, id: str = "crisis") -> EscalationPolicy:
        """Who is notified of a safety alert, and when."""
        return self.get(DUTY, id)

    def aftercare(self, id: str = "window", language: str = "en") -> Aftercare:
        """The plan for the days after, in a language; in English where it is not written yet."""
        return self.get(AFTERCARE, self._spoken("aftercare", id, language))

    def learn_page(self, id: str, language: str = "en") -> LearnPage:
        """A public page by its subject, in a language; in English where it is not written yet."""
        return self.get(LEARN, self._spoken("learn", id, language))

    def learn_pages(self, language: str = "en") -> Sequence[LearnPage]:
        """Every public page in a language, in the order in which they are best read."""
        every = self.every(LEARN)
        found = {page.subject: page for page in every if page.language == "en"}
        found |= {page.subject: page for page in every if page.language == language}
        return sorted(found.values(), key=lambda page: page.order)

    def _spoken(self, kind: str, id: str, language: str) -> str:
        own = f"{id}-{language}"
        return own if own in self.ids(kind) else id

    def model(self, id: str) -> CompartmentModel:
        """A pharmacokinetic model by its id or its short name, such as K4. Raises `BadKnowledge`."""
        by_short = self.cached(
            ("models by short name",),
            lambda: {
                document.contents["short"].lower(): document.id
                for document in self.repository.documents("model")
            },
        )
        return self.get(MODEL, by_short.get(id.lower(), id))

    def drug_effects(self) -> Mapping[str, DrugEffect]:
        """What other medicines do to the exposure to ketamine, by id."""
        return {e.id: e for effects in self.every(DRUG_EFFECTS) for e in effects}

    def effect_parameters(self, id: str = "fitted") -> EffectParameters:
        """What the effects of ketamine are taken to be: as fitted, or `start`, before any fit."""
        return self.get(EFFECT_PARAMETERS, id)

    def dose_effect(self, id: str = "weights") -> DoseEffect:
        """The answers to how effect depends on dose, with the weights in force."""
        return self.get(DOSE_EFFECT, id)

    def alignment(self, id: str = "scales") -> Mapping[str, Sequence[tuple[float, float]]]:
        """For virtual trials only: points (score, score on the hub) of scales without a published table."""
        return self.get(ALIGNMENT, id)

    def trial(self, id: str) -> Trial:
        return self.get(TRIAL, id)

    def calibration(self, id: str = "open-figures") -> Calibration:
        """The published figures that the model is fitted to."""
        return self.get(CALIBRATION, id)

    def lab(self, id: str = "courses") -> Lab:
        """What the protocol lab offers beside the clinic's own infusion protocols."""
        return self.get(LAB, id)

    def virtual_people(self, id: str) -> VirtualCohort:
        """Virtual people written down, such as those of the demo clinic."""
        return self.get(VIRTUAL_PEOPLE, id)

    @staticmethod
    def trial_from(path: Path) -> Trial:
        """A trial from any file, held to the same rules as the knowledge's own. Raises `BadKnowledge`."""
        return TRIAL.read_file(path)

    @staticmethod
    def effect_parameters_from(path: Path) -> EffectParameters:
        """Parameters from any file. Raises `BadKnowledge`, also for a hash that the values do not have."""
        return EFFECT_PARAMETERS.read_file(path)

    def explorable(self, id: str, language: str = "en") -> InteractiveFigure:
        """The words of a picture, in a language; in English where they are not written yet."""
        return self.get(EXPLORABLE, self._spoken("explorable", id, language))

    def path(self, id: str = "first-question", language: str = "en") -> PatientJourney:
        """The way from the first question to the first session, in a language; in English where it is not written yet."""
        return self.get(PATH, self._spoken("path", id, language))

    def picture(self, id: str, language: str = "en") -> FigureSet:
        """Figures shown together, in a language; in English where they are not written yet."""
        return self.get(PICTURE, self._spoken("picture", id, language))

    def sources(self) -> Mapping[str, Source]:
        """Every source that a file names: of the common list, and of the files that bring their own."""

        def make() -> Mapping[str, Source]:
            found: dict[str, Source] = {}
            for kind in KINDS:
                for document in self.repository.documents(kind):
                    found |= read_sources(document.contents)
            return found

        return self.cached(("sources",), make)

    def figures(self) -> Mapping[str, Figure]:
        """The evidence ledger: every published figure by its key."""

        def make() -> Mapping[str, Figure]:
            found: dict[str, Figure] = {}
            for figures in self.every(EVIDENCE):
                found |= figures
            return found

        return self.cached(("figures",), make)

    def outline(self, document: KnowledgeFile) -> Sequence[OutlineLine]:
        """The contents as labeled lines, in the order of the file. Nothing is left out but the file's own name."""
        return outline(document, self.sources())

    def figures_of(self, document: KnowledgeFile) -> Sequence[str]:
        """The keys of the evidence that a file shows."""
        known = self.figures()
        return [name for name in dict.fromkeys(named(document)) if name in known]
