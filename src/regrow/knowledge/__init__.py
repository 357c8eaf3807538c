"""What the clinic knows, as data: scales, rules, medications, protocols, texts, figures and their sources.

In: YAML files that a clinician can read and sign (`data/`, and a clinic's own folder), each with id, version,
effective date and source. Out: frozen values. Bad files raise `BadKnowledge` with file, line and fix.
A type that is not here is imported from the module of its kind, `regrow.knowledge.kinds.<kind>`.
"""

from .candidacy import CandidacyRules
from .errors import BadKnowledge
from .files import schema, schema_names
from .kind import Kind, KnowledgeFile
from .kinds.aftercare import AftercareStep
from .kinds.cadence import OutreachOccasion, OutreachSchedule
from .kinds.calibration import Calibration, PublishedFigure
from .kinds.checks import Check
from .kinds.clinic import ClinicProfile
from .kinds.consent import Consent
from .kinds.contact import LANGUAGES, ContactRules, PhraseList
from .kinds.criterion import (
    Criterion,
    LookAge,
    LookCondition,
    LookMeasurement,
    LookMedicine,
    LookPressure,
    LookScore,
    ProductRule,
)
from .kinds.crosswalk import Crosswalk
from .kinds.curve import Curve
from .kinds.custody import CustodyRules
from .kinds.definition import AllOf, Definition, FailedTrials, HasDiagnosis, Suicidality, Takes
from .kinds.dose_effect import HYPOTHESES, DoseEffect
from .kinds.dosing_weights import DosingWeights
from .kinds.drug_effects import DrugEffect
from .kinds.duty import EscalationPolicy
from .kinds.effect_parameters import EffectParameter, EffectParameters, hash_of, with_values
from .kinds.estimate import EstimateChoices
from .kinds.evidence import Figure
from .kinds.explorable import InteractiveFigure
from .kinds.interaction import Interaction
from .kinds.interview import InterviewGuide, InterviewNeed, InterviewSection
from .kinds.limit import Limit
from .kinds.medicines import Drug, Formulary, Found
from .kinds.message import MessageText
from .kinds.model import ROUTES, CompartmentModel, Parameter, Rate
from .kinds.monitor import MonitorRules
from .kinds.payer import Payer, PayerCriterion
from .kinds.picture import FigureSet, PictureStep
from .kinds.protocol import (
    AlarmRule,
    DischargeCriterion,
    HomeRules,
    InfusionProtocol,
    Limits,
    PreDoseItem,
    Protocol,
    SessionRules,
    TimedMeasurement,
)
from .kinds.rems_form import RemsForm
from .kinds.route import RouteFile
from .kinds.scale import Flag, Item, MinimalChange, Scale
from .kinds.sources import Source
from .kinds.staging import Ladder, Points, Staging
from .kinds.titration import ReviewChoice, Titration
from .kinds.trial import Arm, Branch, Outcome, Phase, Population, Spread, Step, Treatment, Trial
from .kinds.workup import WorkupItem
from .knowledge import Knowledge
from .outline import MARKS, OutlineLine, evidence_grade_label

__all__ = [
    "HYPOTHESES",
    "LANGUAGES",
    "MARKS",
    "ROUTES",
    "AftercareStep",
    "AlarmRule",
    "AllOf",
    "Arm",
    "BadKnowledge",
    "Branch",
    "Calibration",
    "CandidacyRules",
    "Check",
    "ClinicProfile",
    "CompartmentModel",
    "Consent",
    "ContactRules",
    "Criterion",
    "Crosswalk",
    "Curve",
    "CustodyRules",
    "Definition",
    "DischargeCriterion",
    "DoseEffect",
    "DosingWeights",
    "Drug",
    "DrugEffect",
    "EffectParameter",
    "EffectParameters",
    "EscalationPolicy",
    "EstimateChoices",
    "FailedTrials",
    "Figure",
    "FigureSet",
    "Flag",
    "Formulary",
    "Found",
    "HasDiagnosis",
    "HomeRules",
    "InfusionProtocol",
    "Interaction",
    "InteractiveFigure",
    "InterviewGuide",
    "InterviewNeed",
    "InterviewSection",
    "Item",
    "Kind",
    "Knowledge",
    "KnowledgeFile",
    "Ladder",
    "Limit",
    "Limits",
    "LookAge",
    "LookCondition",
    "LookMeasurement",
    "LookMedicine",
    "LookPressure",
    "LookScore",
    "MessageText",
    "MinimalChange",
    "MonitorRules",
    "Outcome",
    "OutlineLine",
    "OutreachOccasion",
    "OutreachSchedule",
    "Parameter",
    "Payer",
    "PayerCriterion",
    "Phase",
    "PhraseList",
    "PictureStep",
    "Points",
    "Population",
    "PreDoseItem",
    "ProductRule",
    "Protocol",
    "PublishedFigure",
    "Rate",
    "RemsForm",
    "ReviewChoice",
    "RouteFile",
    "Scale",
    "SessionRules",
    "Source",
    "Spread",
    "Staging",
    "Step",
    "Suicidality",
    "Takes",
    "TimedMeasurement",
    "Titration",
    "Treatment",
    "Trial",
    "WorkupItem",
    "evidence_grade_label",
    "hash_of",
    "schema",
    "schema_names",
    "with_values",
]
