"""What the log shows up to one moment. Internal to the package: read by rules, alarms and checklists."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from fractions import Fraction

from regrow.knowledge import SessionRules

from .events import EffectiveEvent, Kind
from .order import SessionOrder, read_order
from .pump import Pump

PRESCRIBES = frozenset({"prescriber", "director"})
PRESSURE = ("systolic_mmhg", "diastolic_mmhg")


class SessionProjection:
    """State built by `apply` in log order; `advance_to` moves it to a time without a new entry."""

    def __init__(self, rules: SessionRules) -> None:
        self.rules = rules
        self.at: datetime | None = None
        self.order: SessionOrder | None = None
        self.pump: Pump | None = None
        self.by_kind: dict[Kind, list[EffectiveEvent]] = {kind: [] for kind in Kind}
        self.departed: EffectiveEvent | None = None
        self.closed: EffectiveEvent | None = None
        self.breaches: list[tuple[str, str]] = []

    def of(self, kind: Kind) -> Sequence[EffectiveEvent]:
        return self.by_kind[kind]

    def last(self, kind: Kind) -> EffectiveEvent | None:
        found = self.by_kind[kind]
        return found[-1] if found else None

    def apply(self, entry: EffectiveEvent) -> None:
        """Add the next effective entry."""
        self.at = entry.at
        if entry.kind is Kind.ORDER and not self.dosed:
            self.order = read_order(entry.id, entry.data)
            infused = self.order.total_ml is not None and self.order.rate_ml_per_h is not None
            self.pump = Pump(self.order) if self.rules.way == "infusion" and infused else None
        if self.pump:
            self.pump.apply(entry)
        if entry.kind in (Kind.HANDOVER, Kind.LEFT):
            self.departed = entry
        if entry.kind is Kind.CLOSE:
            self.closed = entry
        self.by_kind[entry.kind].append(entry)

    def advance_to(self, at: datetime) -> None:
        self.at = at
        if self.pump:
            self.pump.run_to(at)

    # The dose

    @property
    def dosed(self) -> bool:
        return self.first_dose_at is not None

    @property
    def first_dose_at(self) -> datetime | None:
        if self.pump:
            return self.pump.started_at
        given = self.given_doses
        return given[0].at if given else None

    @property
    def given_doses(self) -> Sequence[EffectiveEvent]:
        """Devices or single doses given, in order; empty for a pump."""
        if self.rules.way == "devices":
            numbers: dict[int, EffectiveEvent] = {}
            for entry in self.of(Kind.DEVICE):
                if entry.data["n"] == len(numbers) + 1 and len(numbers) < self.devices_ordered:
                    numbers[entry.data["n"]] = entry
            return list(numbers.values())
        return self.of(Kind.ADMINISTER) if self.rules.way == "single" else ()

    @property
    def devices_ordered(self) -> int:
        if not self.order or not self.rules.devices:
            return 0
        return int(self.order.prepared_mg / self.rules.devices.mg)

    @property
    def ended_at(self) -> datetime | None:
        """When the last drug was given: end of the infusion, last device or last dose."""
        if self.pump:
            return self.pump.ended_at
        if not self.given_doses:
            return None
        over = self.stopped or self.departed or len(self.given_doses) == self.devices_ordered
        return self.given_doses[-1].at if over or self.rules.way == "single" else None

    @property
    def stopped(self) -> EffectiveEvent | None:
        return self.last(Kind.STOP)

    @property
    def consent_withdrawn(self) -> bool:
        return any(stop.data.get("reason") == "consent_withdrawn" for stop in self.of(Kind.STOP))

    @property
    def delivered_mg(self) -> Fraction:
        if self.pump:
            return self.pump.delivered_ml * self.pump.mg_per_ml
        if self.rules.devices:
            return Fraction(self.rules.devices.mg) * len(self.given_doses)
        return sum((Fraction(str(e.data["mg"])) for e in self.given_doses), Fraction(0))

    @property
    def phase(self) -> str:
        if self.closed:
            return "closed"
        if self.departed:
            return "discharged" if self.departed.kind is Kind.HANDOVER else "left_against_advice"
        if self.pump:
            return self.pump.phase
        if not self.given_doses:
            return "preparing"
        return "observing" if self.ended_at else "administering"

    def anchor(self, name: str) -> datetime | None:
        """first_dose, last_dose or dose_end, as the protocol's clocks name them."""
        if name == "first_dose":
            return self.first_dose_at
        if name == "last_dose" and not self.pump:
            return self.given_doses[-1].at if self.given_doses else None
        return self.ended_at

    # What was measured

    def vitals(self, *names: str) -> Iterator[EffectiveEvent]:
        """Readings that hold every one of `names`, oldest first, without those marked as artefacts."""
        for entry in self.of(Kind.VITAL):
            if not entry.data.get("artefact") and all(name in entry.data for name in names):
                yield entry

    def scores(self, scale: str) -> Sequence[EffectiveEvent]:
        return [e for e in self.of(Kind.SCALE) if e.data["scale"] == scale]

    @property
    def unsigned_vitals(self) -> Sequence[EffectiveEvent]:
        """Monitor readings that no nurse has signed."""
        signed_at = max((e.at for e in self.of(Kind.SIGN)), default=None)
        return [
            e
            for e in self.of(Kind.VITAL)
            if str(e.data.get("source", "")).startswith("monitor") and (signed_at is None or e.at > signed_at)
        ]

    @property
    def open_symptoms(self) -> Sequence[EffectiveEvent]:
        """Latest entry of each symptom not recorded as resolved."""
        latest: dict[str, EffectiveEvent] = {}
        for entry in self.of(Kind.SYMPTOM):
            if entry.data.get("resolved"):
                latest.pop(entry.data["symptom"], None)
            else:
                latest[entry.data["symptom"]] = entry
        return list(latest.values())

    # Who is there

    @property
    def prescriber_here(self) -> bool | None:
        """Whether a prescriber is on site; None before the first presence entry."""
        here: dict[str, bool] = {}
        for entry in self.of(Kind.PRESENCE):
            here[str(entry.data["who"])] = bool(entry.data["here"])
        return any(here.values()) if here else None

    @property
    def overridden(self) -> dict[str, EffectiveEvent]:
        return {str(e.data["rule"]): e for e in self.of(Kind.OVERRIDE) if e.event.role in PRESCRIBES}
