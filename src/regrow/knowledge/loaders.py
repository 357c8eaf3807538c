"""From the contents of a file, valid by its schema, to the frozen value it means. One function a kind."""

from collections.abc import Callable, Mapping
from datetime import date, time
from decimal import Decimal
from typing import Any

from . import types as t
from .candidacy_files import criterion_of, definition_of, interaction_of, route_of, staging_of, workup_of
from .checks import checks_of
from .compartments import drug_effects_of, model_of
from .contact import cadence_of, consent_of, contact_of, duty_of, messages_of, preparation_of
from .drug import drugs_of
from .effects import calibration_of, dose_effect_of, effect_parameters_of, estimate_choices_of
from .interview import interview_of
from .scale import crosswalk_of, scale_of
from .session_rules import session_rules_of, symptoms_of
from .titration import dosing_weights_of, titration_of
from .trial import alignment_of, lab_of, trial_of, virtual_people_of

Raw = Mapping[str, Any]


def protocol_of(raw: Raw) -> t.Protocol:
    common: dict[str, Any] = {
        "id": raw["id"],
        "version": raw["version"],
        "effective": date.fromisoformat(raw["effective"]),
        "title": raw["title"],
        "route": raw["route"],
        "source": raw["source"],
        "sessions": raw["sessions"]["count"],
        "session": session_rules_of(raw),
        "regimen": raw.get("dose", {}).get("text", ""),
        "unset_limits": tuple(name for name, value in raw["limits"].items() if value == "unset"),
        "optional_limits": tuple(name for name, value in raw["limits"].items() if value == "optional"),
        "titration": (raw["titration"]["rule"], raw["titration"]["version"]) if "titration" in raw else None,
        "home": _home_of(raw["home"]) if "home" in raw else None,
    }
    if raw["route"] != "iv-racemic":
        return t.Protocol(**common)
    return t.InfusionProtocol(
        **common,
        every_days=raw["sessions"]["every_days"],
        minutes=raw["minutes"]["value"],
        vial_mg_per_ml=Decimal(raw["preparation"]["vial_mg_per_ml"]),
        bag_ml=Decimal(raw["preparation"]["bag_ml"]),
        bag_policy=raw["preparation"]["bag_policy"],
        syringe_step_ml=Decimal(raw["preparation"]["syringe_step_ml"]),
        weight_basis=raw["weight_basis"],
    )


def _home_of(raw: Raw) -> t.HomeRules:
    return t.HomeRules(
        tuple(raw["signs"]),
        tuple(t.StopRule(s["id"], s["text"], {"en": s["en"], "es": s["es"]}) for s in raw["stop"]),
        tuple(raw["lost"]),
    )


def custody_of(raw: Raw) -> t.CustodyRules:
    return t.CustodyRules(
        raw["patient_named_days"]["value"],
        raw["multi_dose_days"]["value"],
        raw["inventory_every_months"]["value"],
    )


def monitor_of(raw: Raw) -> t.MonitorRules:
    return t.MonitorRules(
        raw["keep_every_s"]["value"],
        {
            name: t.MonitorSign(
                frozenset(sign["codes"]["loinc"]),
                frozenset(sign["codes"]["mdc"]),
                {unit: Decimal(factor) for unit, factor in sign["units"].items()},
            )
            for name, sign in raw["signs"].items()
        },
    )


def curve_of(raw: Raw) -> t.Curve:
    return t.Curve(raw["id"], raw["title"], tuple(raw["columns"]), [tuple(p) for p in raw["points"]])


def rems_form_of(raw: Raw) -> t.RemsForm:
    return t.RemsForm(
        id=raw["id"],
        version=raw["version"],
        effective=date.fromisoformat(raw["effective"]),
        title=raw["title"],
        medicine=raw["medicine"],
        due_days=raw["due_days"]["value"],
        blocks=tuple(
            (
                block["title"],
                tuple(
                    t.RemsField(f["id"], f["text"], f["from"], f.get("required", False), f.get("classes", ()))
                    for f in block["fields"]
                ),
            )
            for block in raw["blocks"]
        ),
    )


def payer_of(raw: Raw) -> t.Payer:
    return t.Payer(
        id=raw["id"],
        version=raw["version"],
        effective=date.fromisoformat(raw["effective"]),
        title=raw["title"],
        medicine=raw["medicine"],
        source=raw["source"],
        mark=raw["mark"],
        initial_months=raw["initial_months"],
        criteria=tuple(
            t.PayerCriterion(
                id=c["id"],
                kind=c["kind"],
                text=c["text"],
                years=c.get("years", 0),
                icd10=tuple(c.get("icd10", ())),
                at_least=c.get("at_least", 0),
                weeks_at_least=c.get("weeks_at_least", 0),
                different_classes=c.get("different_classes", False),
                current_episode=c.get("current_episode", False),
                improvement_at_most_percent=Decimal(c.get("improvement_at_most_percent", "0")),
                instrument=c.get("instrument", ""),
            )
            for c in raw["criteria"]
        ),
    )


_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def clinic_of(raw: Raw) -> t.ClinicProfile:
    return t.ClinicProfile(
        id=raw["id"],
        title=raw["title"],
        address=tuple(raw["address"]),
        zone=raw["zone"],
        locale=raw["locale"],
        text_number=raw["text_number"],
        text_number_digits=raw["text_number_digits"],
        email=raw["email"],
        hours=tuple(f"{h['days']}, {h['from']}–{h['to']}" for h in raw["hours"]),
        interview_min=raw["interview_min"],
        first_reply=raw["first_reply"],
        brings=tuple(raw["brings"]),
        brings_es=tuple(raw["brings_es"]),
        infusion_usd=Decimal(raw["cash_price"]["infusion_usd"]),
        interview_usd=Decimal(raw["cash_price"]["interview_usd"]),
        patients_per_nurse=raw["patients_per_nurse"]["value"],
        open=tuple(
            (
                frozenset(_WEEKDAYS.index(day) for day in o["days"]),
                time.fromisoformat(o["from"]),
                time.fromisoformat(o["to"]),
            )
            for o in raw["open"]
        ),
        video_service=raw.get("video", {}).get("service", ""),
        video_link=raw.get("video", {}).get("link", ""),
    )


def aftercare_of(raw: Raw) -> t.Aftercare:
    return t.Aftercare(
        title=raw["title"],
        note=raw["note"],
        steps=tuple(
            t.AftercareStep(s["id"], s["from_hours"], s["to_hours"], s["title"], tuple(s["choices"]))
            for s in raw["steps"]
        ),
        avoid=tuple(raw["avoid"]),
        driving=raw["driving"],
        driving_source=raw["driving_source"],
    )


def learn_page_of(raw: Raw) -> t.LearnPage:
    return t.LearnPage(
        raw["id"],
        raw["order"],
        raw["title"],
        raw["lead"],
        tuple(t.LearnSection(s["title"], s["text"], s.get("source")) for s in raw["sections"]),
        raw["language"],
    )


def path_of(raw: Raw) -> t.PatientJourney:
    return t.PatientJourney(
        raw["id"],
        raw["title"],
        raw["lead"],
        tuple(t.JourneyStep(s["id"], s["question"], s["short"], s.get("page", "")) for s in raw["stations"]),
        raw["then"]["title"],
        tuple(raw["then"]["steps"]),
    )


def explorable_of(raw: Raw) -> t.InteractiveFigure:
    return t.InteractiveFigure(
        raw["id"],
        raw["title"],
        raw["lead"],
        tuple(t.ExplorableStep(**step) for step in raw["steps"]),
        raw["question"]["title"],
        raw["question"]["text"],
        raw["question"]["answers"],
        tuple(raw["notes"]),
    )


def figures_of(raw: Raw) -> Mapping[str, t.Figure]:
    return {key: t.Figure(key=key, **value) for key, value in raw["figures"].items()}


def picture_of(raw: Raw) -> t.FigureSet:
    return t.FigureSet(
        raw["id"],
        raw["title"],
        raw["lead"],
        raw["plain"],
        tuple(
            t.PictureStep(s["name"], s["entered"], s["remission"], s.get("response"), s.get("left"))
            for s in raw["steps"]
        ),
        tuple(t.PictureReading(r["title"], r["cumulative"], r["text"]) for r in raw["readings"]),
    )


def limits_of(raw: Raw) -> Mapping[str, str]:
    limits: Mapping[str, str] = raw["limits"]
    return limits


def sources_of(raw: Raw) -> Mapping[str, t.Source]:
    return {
        key: t.Source(key, value["title"], value["where"]) for key, value in raw.get("sources", {}).items()
    }


READERS: Mapping[str, Callable[[Raw], Any]] = {
    "scale": scale_of,
    "crosswalk": crosswalk_of,
    "medicines": drugs_of,
    "definition": definition_of,
    "criterion": criterion_of,
    "interaction": interaction_of,
    "workup": workup_of,
    "staging": staging_of,
    "route": route_of,
    "evidence": figures_of,
    "picture": picture_of,
    "protocol": protocol_of,
    "titration": titration_of,
    "dosing_weights": dosing_weights_of,
    "symptoms": symptoms_of,
    "rems_form": rems_form_of,
    "custody": custody_of,
    "monitor": monitor_of,
    "curve": curve_of,
    "limits": limits_of,
    "payer": payer_of,
    "clinic": clinic_of,
    "aftercare": aftercare_of,
    "contact": contact_of,
    "message": messages_of,
    "cadence": cadence_of,
    "duty": duty_of,
    "consent": consent_of,
    "preparation": preparation_of,
    "interview": interview_of,
    "checks": checks_of,
    "model": model_of,
    "drug_effects": drug_effects_of,
    "effect_parameters": effect_parameters_of,
    "dose_effect": dose_effect_of,
    "estimate": estimate_choices_of,
    "alignment": alignment_of,
    "calibration": calibration_of,
    "trial": trial_of,
    "virtual_people": virtual_people_of,
    "lab": lab_of,
    "learn": learn_page_of,
    "explorable": explorable_of,
    "path": path_of,
    "sources": sources_of,
}
