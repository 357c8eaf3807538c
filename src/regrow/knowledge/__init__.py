"""What the clinic knows, as data: scales, protocols, rules, texts, figures and their sources.

In: YAML files that a clinician can read and sign (`data/`), each with id, version, effective date, source.
Out: frozen values (`types`). Bad files raise `BadKnowledge` with file, line and fix.
This room knows nothing of patients, the web, the database or the clock.
"""

from .errors import BadKnowledge
from .files import schema, schema_names
from .library import (
    aftercare,
    antidepressants,
    candidacy_rules,
    check,
    clinic,
    demo_limits,
    figures,
    ids,
    learn_page,
    model,
    payer,
    protocol,
    scale,
    sources,
)
from .types import (
    Aftercare,
    AftercareStep,
    Antidepressant,
    CandidacyRules,
    ClinicProfile,
    Condition,
    DischargeCriterion,
    Figure,
    LearnPage,
    Limits,
    Payer,
    PayerCriterion,
    Protocol,
    Scale,
    Source,
    TrdDefinition,
    TwoCompartmentModel,
)

__all__ = [
    "Aftercare",
    "AftercareStep",
    "Antidepressant",
    "BadKnowledge",
    "CandidacyRules",
    "ClinicProfile",
    "Condition",
    "DischargeCriterion",
    "Figure",
    "LearnPage",
    "Limits",
    "Payer",
    "PayerCriterion",
    "Protocol",
    "Scale",
    "Source",
    "TrdDefinition",
    "TwoCompartmentModel",
    "aftercare",
    "antidepressants",
    "candidacy_rules",
    "check",
    "clinic",
    "demo_limits",
    "figures",
    "ids",
    "learn_page",
    "model",
    "payer",
    "protocol",
    "scale",
    "schema",
    "schema_names",
    "sources",
]
