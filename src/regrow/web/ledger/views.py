"""The ledger's page: what is in the cabinet, what waits for a second person, what does not add up; its reports."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from regrow.inventory import Container, Entry, InventoryBalance, LedgerAction, LedgerRow
from regrow.web.accounts.api import CLINICAL, Role, StaffRequest
from regrow.web.audit.api import last_verification
from regrow.web.platform import clock
from regrow.web.platform.access import allowed, form_id
from regrow.web.platform.device_id import device_of, with_device
from regrow.web.platform.forms import ServiceForm

from .forms import FORMS, ConfirmEntryForm, CountForm, ResolveIncidentForm
from .labels import entry_label, people_of, staff_names
from .reports import REPORTS, as_pdf
from .services import inventory, micrograms_of, record_entry

SHOWN_ROWS = 25
SOON_DAYS = 7  # how long before its last day a container is listed; a courtesy, not a rule


@allowed(*CLINICAL)
@require_GET
def ledger(request: StaffRequest) -> HttpResponse:
    """Everything about the cabinet on one page."""
    return _page(request)


def _page(request: StaffRequest, failed: ServiceForm | None = None, failed_name: str = "") -> HttpResponse:
    """The whole page. `failed` is the form that could not be saved; `failed_name` its name in `FORMS`."""
    held = inventory()
    resolving = failed if isinstance(failed, ResolveIncidentForm) else None
    names, people = staff_names(), people_of(held)
    context = {
        "balances": held.balances.values(),
        "incidents": [
            (
                i,
                resolving
                if resolving and resolving["incident"].value() == i.id
                else ResolveIncidentForm(auto_id=f"resolve-{i.id}-%s", initial={"incident": i.id}),
            )
            for i in held.open_incidents
        ],
        "failed": failed,
        "pending": [
            (entry, entry_label(entry, people), entry.actor == request.user.username)
            for entry in held.waiting.values()
        ],
        "containers": [(c, people.get(c.patient), held.blocked(c.lot)) for c in _listed(held)],
        "soon": [(c, people.get(c.patient), _last_day(c)) for c in _soon(held)],
        "rows": [
            (
                row,
                entry_label(row.entry, people),
                names.get(row.entry.actor, row.entry.actor),
                row.entry.id in held.waiting,
                held.second_person(row.entry),
            )
            for row in _latest(held)
        ],
        "names": names,
        "verification": last_verification("ledger"),
        "rules": held.rules,
        "lots": sorted({c.lot for c in held.containers.values() if c.here}),
        "forms": {name: failed if failed and name == failed_name else _form(name, held) for name in FORMS},
        "opened": failed_name,
        "director": request.user.works_as is Role.DIRECTOR,
    }
    return with_device(
        request, render(request, "ledger/ledger.html", context, status=failed.status if failed else 200)
    )


def _form(name: str, held: InventoryBalance, data: QueryDict | None = None) -> ServiceForm:
    if name == "count":
        opened = [c.id for c in _listed(held) if c.here and not c.sealed]
        return CountForm(data, auto_id=f"{name}_%s", opened=opened)
    return FORMS[name](data, auto_id=f"{name}_%s")


@allowed(*CLINICAL)
@require_POST
def record(request: StaffRequest, form_name: str) -> HttpResponse:
    """Receive, count, dispose of or adjust; each but the first waits for a second person."""
    if form_name not in FORMS:
        raise Http404
    form, once = _form(form_name, inventory(), request.POST), form_id(request)
    enter_by = partial(record_entry, by=request.user, device=device_of(request))
    if form.submit(lambda data: _enter(form_name, form, data, once, enter_by)):
        return redirect("ledger")
    return _page(request, form, form_name)


def _enter(
    form_name: str,
    form: ServiceForm,
    data: Mapping[str, Any],
    once: str | None,
    enter_by: Callable[..., Entry],
) -> None:
    if form_name == "receive":
        _receive(data, once, enter_by)
    elif isinstance(form, CountForm):
        opened = {id: micrograms_of(mg) for id, mg in form.left_mg().items()}
        counted = {"lot": data["lot"], "sealed": data["sealed"], "open": opened}
        enter_by(LedgerAction.COUNT, data=counted, once=once)
    elif form_name == "dispose":
        enter_by(LedgerAction(data["act"]), container=data["container"], reason=data["reason"], once=once)
    else:
        amount = {"ug": micrograms_of(data["mg"])}
        enter_by(
            LedgerAction.ADJUST, container=data["container"], data=amount, reason=data["reason"], once=once
        )


def _receive(data: Mapping[str, Any], once: str | None, enter_by: Callable[..., Entry]) -> None:
    held = inventory()
    if once and any(row.entry.data.get("delivery") == once for row in held.rows):
        return  # a second click
    number = sum(1 for c in held.containers.values() if c.lot == data["lot"])
    for n in range(number + 1, number + data["count"] + 1):
        enter_by(
            LedgerAction.RECEIVE,
            container=f"{data['lot']}-{n:03d}",
            patient=data["patient"],
            data={
                "drug": data["drug"],
                "form": data["form"],
                "ndc": data["ndc"],
                "lot": data["lot"],
                "expiry": data["expiry"].isoformat(),
                "ug": micrograms_of(data["size_mg"]),
                "size_ml": str(data["size_ml"]),
                "single_dose": data["single_dose"],
                "received_on": data["received_on"].isoformat(),
                "invoice": data["invoice"],
                "prescription": data["prescription"],
                "delivery": once or "",
            },
        )


@allowed(*CLINICAL)
@require_POST
def confirm(request: StaffRequest) -> HttpResponse:
    """The second person, on a device of their own, confirms what the first wrote down."""
    form, once = ConfirmEntryForm(request.POST), form_id(request)
    if form.submit(
        lambda data: record_entry(
            LedgerAction.CONFIRM,
            by=request.user,
            data={"entry": data["entry"]},
            device=device_of(request),
            once=once,
        )
    ):
        return redirect("ledger")
    return _page(request, form)


@allowed(Role.DIRECTOR)
@require_POST
def resolve(request: StaffRequest) -> HttpResponse:
    """The medical director closes an incident with what was found; the lot is free again."""
    form, once = ResolveIncidentForm(request.POST, auto_id="resolve_%s"), form_id(request)
    if form.submit(
        lambda data: record_entry(
            LedgerAction.RESOLVE,
            by=request.user,
            data={"incident": data["incident"]},
            reason=data["reason"],
            device=device_of(request),
            once=once,
        )
    ):
        return redirect("ledger")
    return _page(request, form)


@allowed(*CLINICAL)
@require_GET
def report(request: StaffRequest, name: str) -> HttpResponse:
    """The inspector's report (every entry) or the inventory (what is here now), as PDF."""
    if name not in REPORTS:
        raise Http404
    response = HttpResponse(as_pdf(name, request.user.shown_name), content_type="application/pdf")
    response["Content-Disposition"] = (
        f'inline; filename="ledger-{name}-{clock.clinic_today().isoformat()}.pdf"'
    )
    return response


def _listed(held: InventoryBalance) -> Sequence[Container]:
    """What is in the cabinet: opened ones first, then by expiry."""
    here = [c for c in held.containers.values() if c.here or c.out_ug]
    return sorted(here, key=lambda c: (c.sealed, c.expiry, c.id))


def _last_day(container: Container) -> Any:
    return min(day for day in (container.use_by, container.expiry) if day)


def _soon(held: InventoryBalance) -> Sequence[Container]:
    until = clock.clinic_today() + timedelta(days=SOON_DAYS)
    here = [c for c in held.containers.values() if c.here and _last_day(c) <= until]
    return sorted(here, key=lambda c: (_last_day(c), c.id))


def _latest(held: InventoryBalance) -> Sequence[LedgerRow]:
    return list(reversed(held.rows))[:SHOWN_ROWS]
