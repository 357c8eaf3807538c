"""Baseline workup still due."""

from regrow.chart import CriterionStatus, Determination
from regrow.knowledge import WorkupItem

from .context import Context


def evaluate_workup(item: WorkupItem, about: Context, present: frozenset[str]) -> Determination | None:
    """Met when on record, otherwise still due; None when it does not apply to this patient.

    `present` are the criteria found in the chart.
    """
    if item.conditions and not present & set(item.conditions):
        return None
    if item.only_sex and about.chart.sex not in item.only_sex:
        return None
    id = f"workup-{item.id}"
    because = _on_record(item, about, id)
    if because:
        return Determination(id, CriterionStatus.MET, f"{item.text}: on record", because, (), item.plain)
    wanted = "" if item.required else ", if the clinic wants it"
    text = f"{item.text}: still due{wanted}"
    return Determination(id, CriterionStatus.NOT_DOCUMENTED, text, (), [item.text], item.plain)


def _on_record(item: WorkupItem, about: Context, id: str) -> list[str]:
    chart = about.chart
    found = [s.id for s in chart.scores if s.instrument in item.scores][-1:]
    found += [m.id for kind in item.measurements if (m := chart.latest(kind)) is not None]
    found += [m.id for m in chart.measurements if m.loinc in item.loinc][-1:]
    if item.trials:
        found += [trial.id for trial in chart.trials]
    said = chart.attested(id)
    return [*found, said.id] if said and said.holds else found
