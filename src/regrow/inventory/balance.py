"""Compute the inventory balance from the log: containers, balances per product, discrepancies."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from regrow.knowledge import CustodyRules

from .ledger_entries import TWO_PEOPLE, Entry, LedgerAction

UNKNOWN_LOT = ""


@dataclass(frozen=True)
class Container:
    """A vial or device. Every microgram is in one `_ug` field; `out_ug` is drawn and not yet accounted for.

    `use_by` is the last day a patient-named container may be given; None for stock.
    """

    id: str
    drug: str
    form: str
    ndc: str
    lot: str
    expiry: date
    size_ug: int
    size_ml: Decimal
    single_dose: bool
    received_at: datetime
    patient: str = ""
    prescription: str = ""
    use_by: date | None = None
    opened_at: datetime | None = None
    session: str = ""
    left_ug: int = 0
    out_ug: int = 0
    given_ug: int = 0
    wasted_ug: int = 0
    disposed_ug: int = 0
    adjusted_ug: int = 0
    quarantined: bool = False
    gone: bool = False

    @property
    def product(self) -> str:
        """Return drug, content and form: the unit of counting."""
        return f"{self.drug} {mg(self.size_ug)} in {self.size_ml.normalize():f} mL, {self.form}"

    @property
    def here(self) -> bool:
        return not self.gone and self.left_ug > 0

    @property
    def sealed(self) -> bool:
        return self.here and self.opened_at is None

    @property
    def left_ml(self) -> Fraction:
        return Fraction(self.left_ug) * Fraction(self.size_ml) / self.size_ug

    @property
    def unaccounted_ug(self) -> int:
        """Return 0 while nothing is missing: the size plus adjustments, less everything accounted for."""
        known = self.left_ug + self.out_ug + self.given_ug + self.wasted_ug + self.disposed_ug
        return self.size_ug + self.adjusted_ug - known


@dataclass(frozen=True)
class Balance:
    """The balance on hand of one product."""

    product: str
    containers: int = 0
    ug: int = 0
    ml: Fraction = Fraction(0)


@dataclass(frozen=True)
class Incident:
    """A discrepancy. While it is open, nothing may be drawn from its lot."""

    id: str
    at: datetime
    text: str
    lot: str
    resolved_by: str = ""
    resolution: str = ""


@dataclass(frozen=True)
class LedgerRow:
    """An entry with the balance of its product after it."""

    entry: Entry
    after: Balance | None


@dataclass(frozen=True)
class SessionUsage:
    """Micrograms of one container in one session; `wasted_after_ug` was wasted after drawing."""

    drawn_ug: int = 0
    given_ug: int = 0
    wasted_ug: int = 0
    wasted_after_ug: int = 0


_TAKEN = {LedgerAction.DRAW: "drawn_ug", LedgerAction.ADMINISTER: "given_ug", LedgerAction.WASTE: "wasted_ug"}


@dataclass(frozen=True)
class InventoryBalance:
    """The inventory computed from the entries. `waiting` are the entries without a second person, by id; `confirmed_by`
    names who confirmed the others; `sessions` is what each session used, by container.
    """

    rules: CustodyRules
    containers: Mapping[str, Container] = field(default_factory=dict)
    balances: Mapping[str, Balance] = field(default_factory=dict)
    incidents: Mapping[str, Incident] = field(default_factory=dict)
    rows: Sequence[LedgerRow] = ()
    waiting: Mapping[str, Entry] = field(default_factory=dict)
    confirmed_by: Mapping[str, str] = field(default_factory=dict)
    sessions: Mapping[str, Mapping[str, SessionUsage]] = field(default_factory=dict)

    @property
    def open_incidents(self) -> Sequence[Incident]:
        return [i for i in self.incidents.values() if not i.resolved_by]

    def blocked(self, lot: str) -> Incident | None:
        return next((i for i in self.open_incidents if i.lot and i.lot == lot), None)

    def of_session(self, session: str) -> Mapping[str, SessionUsage]:
        """Return what the log already records for a session, by container."""
        return self.sessions.get(session, {})

    def second_person(self, entry: Entry) -> str:
        """Return who confirmed or witnessed an entry; "" if unconfirmed."""
        return self.confirmed_by.get(entry.id) or entry.witness


def compute_balance(
    entries: Sequence[Entry], rules: CustodyRules, *, after: InventoryBalance | None = None
) -> InventoryBalance:
    """Compute the balance of entries in order, starting from `after` if given.

    `compute_balance(a + b)` equals `compute_balance(b, after=compute_balance(a))`, so a long log is read incrementally.
    """
    start = after or InventoryBalance(rules)
    containers, balances = dict(start.containers), dict(start.balances)
    incidents, waiting = dict(start.incidents), dict(start.waiting)
    confirmed_by, sessions = dict(start.confirmed_by), dict(start.sessions)
    rows = []
    for entry in entries:
        effective: Entry | None = entry
        if entry.act is LedgerAction.CONFIRM:
            effective = waiting.pop(str(entry.data["entry"]), None)
            if effective is not None:
                confirmed_by[effective.id] = entry.actor
        about = effective or entry
        before = containers.get(about.container)
        if entry.act in TWO_PEOPLE:
            waiting[entry.id] = entry
        elif effective is not None:
            _apply(containers, incidents, effective, rules)
            _count_for_session(sessions, effective)
        now = containers.get(about.container)
        rows.append(LedgerRow(entry, _moved(balances, before, now) if now else None))
    return InventoryBalance(
        rules, containers, balances, incidents, (*start.rows, *rows), waiting, confirmed_by, sessions
    )


def _count_for_session(sessions: dict[str, Mapping[str, SessionUsage]], entry: Entry) -> None:
    if not entry.session or entry.act not in _TAKEN:
        return
    of = sessions.get(entry.session, {})
    taken = of.get(entry.container, SessionUsage())
    name = "wasted_after_ug" if entry.data.get("of") == "drawn" else _TAKEN[entry.act]
    more = replace(taken, **{name: getattr(taken, name) + int(entry.data["ug"])})
    sessions[entry.session] = {**of, entry.container: more}


def mg(ug: int) -> str:
    """Format micrograms as mg, with as many decimals as needed."""
    return f"{Decimal(ug).scaleb(-3).normalize():f} mg"


def _moved(balances: dict[str, Balance], before: Container | None, now: Container) -> Balance:
    """Return the balance of a product after one of its containers changed."""
    held = balances.get(now.product, Balance(now.product))
    for container, sign in ((before, -1), (now, 1)):
        if container is not None and container.here:
            held = Balance(
                held.product,
                held.containers + sign,
                held.ug + sign * container.left_ug,
                held.ml + sign * container.left_ml,
            )
    balances[now.product] = held
    return held


def _apply(
    containers: dict[str, Container], incidents: dict[str, Incident], entry: Entry, rules: CustodyRules
) -> None:
    data = entry.data
    if entry.act is LedgerAction.RECEIVE:
        containers[entry.container] = _received(entry, rules)
    elif entry.act is LedgerAction.INCIDENT:
        incidents[entry.id] = Incident(entry.id, entry.at, entry.reason, str(data.get("lot", UNKNOWN_LOT)))
    elif entry.act is LedgerAction.RESOLVE and str(data["incident"]) in incidents:
        incident = incidents[str(data["incident"])]
        incidents[incident.id] = replace(incident, resolved_by=entry.actor, resolution=entry.reason)
    elif entry.container in containers:
        containers[entry.container] = _changed(containers[entry.container], entry)


def _received(entry: Entry, rules: CustodyRules) -> Container:
    data = entry.data
    named = entry.patient
    received_on = date.fromisoformat(data["received_on"])
    return Container(
        id=entry.container,
        drug=data["drug"],
        form=data["form"],
        ndc=data.get("ndc", ""),
        lot=data["lot"],
        expiry=date.fromisoformat(data["expiry"]),
        size_ug=int(data["ug"]),
        size_ml=Decimal(data["size_ml"]),
        single_dose=bool(data["single_dose"]),
        received_at=entry.at,
        patient=named,
        prescription=data.get("prescription", ""),
        use_by=received_on + timedelta(days=rules.patient_named_days) if named else None,
        left_ug=int(data["ug"]),
    )


def _changed(c: Container, entry: Entry) -> Container:
    ug = int(entry.data.get("ug", 0))
    match entry.act:
        case LedgerAction.DRAW:
            opened_at = c.opened_at or entry.at
            session = c.session or entry.session
            return replace(
                c, left_ug=c.left_ug - ug, out_ug=c.out_ug + ug, opened_at=opened_at, session=session
            )
        case LedgerAction.ADMINISTER:
            return replace(c, out_ug=c.out_ug - ug, given_ug=c.given_ug + ug)
        case LedgerAction.WASTE if entry.data.get("of") == "drawn":
            return replace(c, out_ug=c.out_ug - ug, wasted_ug=c.wasted_ug + ug)
        case LedgerAction.WASTE:
            return replace(c, left_ug=c.left_ug - ug, wasted_ug=c.wasted_ug + ug)
        case LedgerAction.ADJUST:
            return replace(c, left_ug=c.left_ug + ug, adjusted_ug=c.adjusted_ug + ug)
        case LedgerAction.DESTROY | LedgerAction.BREAK | LedgerAction.RETURN:
            return replace(c, left_ug=0, disposed_ug=c.disposed_ug + c.left_ug, gone=True)
        case LedgerAction.QUARANTINE:
            return replace(c, quarantined=True)
        case LedgerAction.RELEASE:
            return replace(c, quarantined=False)
    return c
