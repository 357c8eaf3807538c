"""The pump's course: runs at constant rate between starts, pauses and rate changes, in exact fractions."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fractions import Fraction

from .events import EffectiveEvent, Kind
from .order import SessionOrder


@dataclass(frozen=True)
class Run:
    """The pump at one rate."""

    started_at: datetime
    ended_at: datetime
    ml_per_h: Fraction


class Pump:
    """Pump state after the log's entries, applied in order. Impossible ones (a second pause) change nothing."""

    def __init__(self, order: SessionOrder) -> None:
        assert order.total_ml is not None and order.rate_ml_per_h is not None  # by `unfit_order`
        self.total_ml = Fraction(order.total_ml)
        self.in_line_ml = Fraction(order.tubing_ml)
        self.rate = Fraction(order.rate_ml_per_h)
        self.mg_per_ml = Fraction(order.prepared_mg) / self.total_ml
        self.runs: list[Run] = []
        self.pumped_ml = Fraction(0)
        self.flushed_ml = Fraction(0)
        self.started_at: datetime | None = None
        self.ended_at: datetime | None = None
        self.running_since: datetime | None = None

    @property
    def phase(self) -> str:
        if self.started_at is None:
            return "preparing"
        if self.ended_at is not None:
            return "observing"
        return "infusing" if self.running_since else "paused"

    @property
    def delivered_ml(self) -> Fraction:
        return self.pumped_ml + self.flushed_ml

    @property
    def left_ml(self) -> Fraction:
        return self.total_ml - self.delivered_ml

    @property
    def _runs_out_at_ml(self) -> Fraction:
        """The bag is empty when only the line is full."""
        return self.total_ml - self.in_line_ml

    def apply(self, entry: EffectiveEvent) -> None:
        self.run_to(entry.at)
        match entry.kind:
            case Kind.START if self.started_at is None:
                self.started_at = self.running_since = entry.at
                self._set_rate(entry)
            case Kind.PAUSE if self.ended_at is None:
                self.running_since = None
            case Kind.RESUME if self.started_at and self.ended_at is None and self.running_since is None:
                self.running_since = entry.at
                self._set_rate(entry)
            case Kind.RATE if self.ended_at is None:
                self._set_rate(entry)
            case Kind.STOP | Kind.COMPLETE | Kind.HANDOVER | Kind.LEFT if (
                self.started_at and self.ended_at is None
            ):
                self.running_since = None
                self.ended_at = entry.at
            case Kind.FLUSH if self.ended_at is not None:
                in_line = min(self.in_line_ml - self.flushed_ml, self.left_ml)
                self.flushed_ml += min(Fraction(str(entry.data["ml"])), max(in_line, Fraction(0)))

    def run_to(self, moment: datetime) -> None:
        """Lets it run until `moment`, or until the bag is empty."""
        if self.running_since is None or moment <= self.running_since:
            return
        empty_at = self._empty_at(self.running_since)
        until = min(moment, empty_at)
        last = self.runs[-1] if self.runs else None
        if last and last.ended_at == self.running_since and last.ml_per_h == self.rate:
            self.runs[-1] = replace(last, ended_at=until)
        else:
            self.runs.append(Run(self.running_since, until, self.rate))
        if empty_at <= moment:
            self.pumped_ml = self._runs_out_at_ml
            self.ended_at = empty_at
            self.running_since = None
        else:
            self.pumped_ml += self.rate * Fraction(microseconds(until - self.running_since), 3_600_000_000)
            self.running_since = moment

    def ends_at(self) -> datetime | None:
        """When the bag will be, or was, empty or stopped; None before the start and while paused."""
        if self.ended_at is not None or self.running_since is None:
            return self.ended_at
        return self._empty_at(self.running_since)

    def _empty_at(self, since: datetime) -> datetime:
        hours = (self._runs_out_at_ml - self.pumped_ml) / self.rate
        return since + timedelta(microseconds=round(hours * 3_600_000_000))

    def _set_rate(self, entry: EffectiveEvent) -> None:
        if entry.data.get("rate_ml_per_h"):
            self.rate = Fraction(str(entry.data["rate_ml_per_h"]))


def microseconds(span: timedelta) -> int:
    return (span.days * 86_400 + span.seconds) * 1_000_000 + span.microseconds


def minutes(span: timedelta) -> Fraction:
    return Fraction(microseconds(span), 60_000_000)
