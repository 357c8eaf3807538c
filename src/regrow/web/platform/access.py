"""Who may see a page. A view for which nobody is named is refused to everybody.

One middleware holds it all: the role, the transaction, the audit row and the turning of errors into sentences,
so that no view can forget one of them.
"""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt

from regrow.chart import BadChart
from regrow.dosing import BadInfusion
from regrow.interop import BadBundle
from regrow.inventory import BadEntry
from regrow.knowledge import BadKnowledge
from regrow.scales import BadAnswers, NotComparable
from regrow.session import BadEvent

from . import clock
from .content import refresh
from .database import writing

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


class ActionRefused(Exception):
    """What was asked for cannot be done now. The text says why and what would satisfy it."""


@dataclass(frozen=True)
class Access:
    """Who may open a view: the public, a link holder, a machine with a key, a signed gateway, or staff roles."""

    kind: str
    roles: frozenset[str] = frozenset()


class RecordAccess(Protocol):
    """Writes the audit row of one request."""

    def __call__(
        self,
        request: HttpRequest,
        view: Callable[..., Any],
        kwargs: Mapping[str, Any],
        *,
        refused: bool = False,
    ) -> None: ...


@dataclass
class Hooks:
    """What the gate needs from the apps above the platform; each app sets its part when it starts.

    machine_of: name of the machine behind an `Authorization` header, or None.
    role_label: a role as staff read it.
    record_access: writes the audit row.
    """

    machine_of: Callable[[str], str | None] | None = None
    role_label: Callable[[str], str] | None = None
    record_access: RecordAccess | None = None


hooks = Hooks()


def public(view: View) -> View:
    """Open to everybody; such a view reads no chart."""
    view.access = Access("public")  # type: ignore[attr-defined]
    return view


def by_link(view: View) -> View:
    """Open to whoever holds a patient's link; the view checks the token itself, before anything else."""
    view.access = Access("link")  # type: ignore[attr-defined]
    return view


def by_key(view: View) -> View:
    """Open to a machine that shows its key; it has no form, so it carries no form's token."""
    view.access = Access("key")  # type: ignore[attr-defined]
    return csrf_exempt(view)


def by_signature(view: View) -> View:
    """Open to a carrier that signs what it posts; the view checks the signature itself, before anything else."""
    view.access = Access("signed")  # type: ignore[attr-defined]
    return csrf_exempt(view)


def allowed(*roles: str) -> Callable[[View], View]:
    """Open to these roles only."""

    def mark(view: View) -> View:
        view.access = Access("staff", frozenset(roles))  # type: ignore[attr-defined]
        return view

    return mark


def form_id(request: HttpRequest) -> str | None:
    """The id made with the form, by which a second click is recognised. Raises `Refused` for anything else."""
    given = request.POST.get("once")
    if not given:
        return None
    try:
        return str(uuid.UUID(given))
    except ValueError as error:
        raise ActionRefused(
            "This form was changed on its way. Load the page again and send it once more."
        ) from error


USER_ERRORS = (BadAnswers, BadEvent, BadInfusion, BadKnowledge, BadChart, BadBundle, BadEntry, NotComparable)


Hook = TypeVar("Hook")


def _set(hook: Hook | None) -> Hook:
    if hook is None:
        raise RuntimeError("An access hook is not set; accounts and audit set them when they start.")
    return hook


class AccessMiddleware:
    """Refuses, or runs the view inside one transaction with its audit row."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self,
        request: HttpRequest,
        view: Callable[..., HttpResponse],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> HttpResponse | None:
        refresh(settings.KNOWLEDGE_FOLDER, today=lambda: clock.clinic_today())
        access: Access | None = getattr(view, "access", None)
        if access is None:
            return _page(request, 403, "This page has no role named for it, so nobody may open it.")
        if access.kind == "public" and request.method in ("GET", "HEAD"):
            return None
        if access.kind == "key":
            machine = _set(hooks.machine_of)(request.headers.get("Authorization", ""))
            if machine is None:
                return JsonResponse(
                    {"problem": "This address is for a machine with a key in force."}, status=401
                )
            request.machine = machine  # type: ignore[attr-defined]
        elif any("\x00" in value for data in (request.GET, request.POST) for value in data.values()):
            return _page(request, 400, "The text holds a character that cannot be kept. Type it anew.")
        if access.kind == "staff":
            if not request.user.is_authenticated:
                if _asks_json(request):
                    return JsonResponse({"problem": "Sign in first; nothing was lost."}, status=401)
                return redirect_to_login(request.get_full_path())
            if request.user.role not in access.roles:
                named = " or ".join(sorted(_set(hooks.role_label)(role).lower() for role in access.roles))
                with writing():
                    _set(hooks.record_access)(request, view, kwargs, refused=True)
                return _page(request, 403, f"This page is for: {named}. Ask a colleague who has that role.")
        try:
            with writing():
                answer = view(request, *args, **kwargs)
                # Of what machines send each second, what touched nobody's record leaves no row.
                # Of a text saved each second, the row of some minutes stands for all savings in them.
                silent = access.kind == "key" and not hasattr(request, "about")
                if not silent and not getattr(request, "row_stands", False):
                    _set(hooks.record_access)(request, view, kwargs)
                return answer
        except ActionRefused as reason:
            return _page(request, 409, str(reason))
        except USER_ERRORS as mistake:
            return _page(request, 400, str(mistake))
        except ValidationError as mistake:
            return _page(request, 400, " ".join(mistake.messages))


def _asks_json(request: HttpRequest) -> bool:
    return request.headers.get("accept", "").startswith("application/json")


def _page(request: HttpRequest, status: int, sentence: str) -> HttpResponse:
    if _asks_json(request):
        return JsonResponse({"problem": sentence}, status=status)
    return render(request, "platform/refused.html", {"sentence": sentence, "status": status}, status=status)
