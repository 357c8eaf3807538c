"""Evaluate medications that matter for treatment. A determination is met when one is taken."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from regrow.chart import CriterionStatus, Determination, Medicine
from regrow.knowledge import Drug, Interaction

from .context import Context

TEN_MG_OF_DIAZEPAM = 10  # the reference drug of the equivalence tables, not a limit


def evaluate_interaction(interaction: Interaction, about: Context) -> Determination:
    """Taken, not taken, or not documented because the medication list was not reviewed."""
    id = f"interaction-{interaction.id}"
    look = interaction.medicines
    found = about.takes(ids=look.ids, classes=look.classes)
    if not found:
        if about.medicines_documented:
            because = [medicine.id for medicine, _ in about.taken]
            return Determination(id, CriterionStatus.NOT_MET, f"{interaction.title}: none taken", because)
        gap = ("the list of medicines taken now",)
        return Determination(
            id, CriterionStatus.NOT_DOCUMENTED, f"{interaction.title}: not documented", (), gap
        )
    names = ", ".join(dict.fromkeys(drug.id for _, drug in found))
    named = interaction.title if names == interaction.title.lower() else f"{interaction.title} ({names})"
    told = [f"{named}: {_first_small(interaction.text)}.", f"{interaction.does}."]
    values: dict[str, str] = {}
    missing: list[str] = []
    if interaction.diazepam_equivalent is not None:
        words, values, missing = _diazepam(interaction, found)
        told.insert(1, words)
    if interaction.never_hold_automatically:
        told.append(f"Do not skip a dose without the prescriber's order: {interaction.never_hold_why}.")
        values |= {"may_be_held_automatically": "no"}
    if interaction.same_day:
        missing += [f"when {d.id} was last taken" for m, d in found if m.last_taken_at is None]
    return Determination(
        id, CriterionStatus.MET, " ".join(told), [m.id for m, _ in found], missing, interaction.plain, values
    )


def recognized_medicines(about: Context) -> Determination:
    """Whether the rules know every current medication; a misspelling is offered, never assumed."""
    id = "medicines-recognised"
    if not about.medicines_documented:
        gap = ("the list of medicines taken now, or that there are none",)
        return Determination(
            id, CriterionStatus.NOT_DOCUMENTED, "The medicines taken now are not documented", (), gap
        )
    unknown = [(m, found) for m, found in about.taken if found.drug is None]
    doubtful = [(m, found) for m, found in unknown if found.near]
    because = [m.id for m, _ in about.taken]
    if doubtful:
        asks = [f.problem or f"{m.text}: did you mean {' or '.join(f.near)}?" for m, f in doubtful]
        text = f"{len(doubtful)} of {len(about.taken)} medicines may be misspelt: {'; '.join(asks)}"
        return Determination(id, CriterionStatus.NOT_DOCUMENTED, text, [m.id for m, _ in doubtful], asks)
    names = ", ".join(m.text for m, _ in unknown)
    rest = f"; no rule knows: {names}" if unknown else ""
    known = len(about.taken) - len(unknown)
    text = f"{known} of {len(about.taken)} medicines are known to the rules{rest}"
    return Determination(id, CriterionStatus.MET, text, because)


def _diazepam(
    interaction: Interaction, found: Sequence[tuple[Medicine, Drug]]
) -> tuple[str, dict[str, str], list[str]]:
    """Return the daily diazepam equivalent by each published table, as a range where tables disagree."""
    rule = interaction.diazepam_equivalent
    assert rule is not None  # by the caller
    lowest = highest = Fraction(0)
    missing: list[str] = []
    for medicine, drug in found:
        if medicine.dose_mg_per_day is None:
            missing.append(f"the daily dose of {drug.id} in mg")
        elif not drug.same_as_10_mg_diazepam:
            missing.append(f"the diazepam equivalent of {drug.id}; no published table gives one")
        else:
            dose = Fraction(medicine.dose_mg_per_day)
            each = [dose / Fraction(e.mg) * TEN_MG_OF_DIAZEPAM for e in drug.same_as_10_mg_diazepam]
            lowest, highest = lowest + min(each), highest + max(each)
    if len(missing) == len(found):
        return "The daily diazepam equivalent is not documented.", {}, missing
    low, high = _places(lowest), _places(highest)
    span, disagree = (low, "") if low == high else (f"{low} to {high}", " (two published tables disagree)")
    at_least = "at least " if missing else ""
    above = highest > Fraction(rule.tell_above_mg_per_day)
    verdict = (
        "above"
        if lowest > Fraction(rule.tell_above_mg_per_day)
        else ("possibly above" if above else "not above")
    )
    words = (
        f"{at_least}{span} mg diazepam-equivalent a day{disagree}, {verdict} the {rule.tell_above_mg_per_day} mg "
        f"at which responders and others parted in one study ({rule.study})."
    )
    values = {
        "diazepam_equivalent_mg_per_day_lowest": low,
        "diazepam_equivalent_mg_per_day_highest": high,
        "above_published_mg_per_day": verdict,
    }
    return words[0].upper() + words[1:], values, missing


def _places(value: Fraction) -> str:
    """Format with at most two decimal places, rounded half to even."""
    text = f"{round(Decimal(value.numerator) / Decimal(value.denominator), 2):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _first_small(text: str) -> str:
    return text[:1].lower() + text[1:]
