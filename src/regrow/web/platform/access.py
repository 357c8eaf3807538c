"""Access control. A view without declared roles is refused to every user.

One middleware checks the role, opens the transaction, writes the audit row and turns errors into messages, so that no
view can omit a step.
"""

import logging
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ValidationError
from django.db import IntegrityError
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
from .database import reading, writing

log = logging.getLogger(__name__)
AT_THE_SAME_TIME = "Another user saved a change to the same record at the same time. Reload the page, check it, and save again."

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


class ActionRefused(Exception):
    """The action is not possible now. The text names the reason and the fix."""


@dataclass(frozen=True)
class Access:
    """Who may open a view: the public, a link holder, a machine with a key, a signed gateway, or staff roles."""

    kind: str
    roles: frozenset[str] = frozenset()


def short_writes(view: View) -> View:
    """The view does something slow, such as checking a password. It runs in no transaction and opens its own by
    `writing()`, so that other requests are not delayed.
    """
    view.short_writes = True  # type: ignore[attr-defined]
    return view


class RecordAccess(Protocol):
    """Write the audit row of one request."""

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
    """Hooks that higher apps set when they start.

    machine_of: name of the machine behind an `Authorization` header, or None.
    role_label: a role as staff read it.
    record_access: writes the audit row in the caller's transaction.
    record_read: leaves the audit row of a read to be written after the response.
    """

    machine_of: Callable[[str], str | None] | None = None
    role_label: Callable[[str], str] | None = None
    record_access: RecordAccess | None = None
    record_read: RecordAccess | None = None


hooks = Hooks()


def public(view: View) -> View:
    """Open to the public; such a view reads no chart."""
    view.access = Access("public")  # type: ignore[attr-defined]
    return view


def by_link(view: View) -> View:
    """Open to holders of a patient's link; the view verifies the token before anything else."""
    view.access = Access("link")  # type: ignore[attr-defined]
    return view


def by_key(view: View) -> View:
    """Open to a machine with a key; it has no form, so CSRF does not apply."""
    view.access = Access("key")  # type: ignore[attr-defined]
    return csrf_exempt(view)


def by_signature(view: View) -> View:
    """Open to a gateway that signs its requests; the view verifies the signature before anything else."""
    view.access = Access("signed")  # type: ignore[attr-defined]
    return csrf_exempt(view)


def allowed(*roles: str) -> Callable[[View], View]:
    """Open to these roles only."""

    def mark(view: View) -> View:
        view.access = Access("staff", frozenset(roles))  # type: ignore[attr-defined]
        return view

    return mark


def form_id(request: HttpRequest) -> str | None:
    """Return the form's id, by which a repeated submission is recognized. Raises `ActionRefused` if malformed."""
    given = request.POST.get("once")
    if not given:
        return None
    try:
        return str(uuid.UUID(given))
    except ValueError as error:
        raise ActionRefused(
            "Your session expired before this form was sent. Reload the page and submit again."
        ) from error


USER_ERRORS = (BadAnswers, BadEvent, BadInfusion, BadKnowledge, BadChart, BadBundle, BadEntry, NotComparable)


Hook = TypeVar("Hook")


def _set(hook: Hook | None) -> Hook:
    if hook is None:
        raise RuntimeError("An access hook is not set; accounts and audit set them when they start.")
    return hook


class AccessMiddleware:
    """Check access, and run the view: a change in one transaction with its audit row, a read in none."""

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
            return _page(request, 403, "No role may open this page.")
        if access.kind == "public" and request.method in ("GET", "HEAD"):
            return None
        if access.kind == "key":
            machine = _set(hooks.machine_of)(request.headers.get("Authorization", ""))
            if machine is None:
                return JsonResponse({"problem": "This address requires a valid machine key."}, status=401)
            request.machine = machine  # type: ignore[attr-defined]
        elif any("\x00" in value for data in (request.GET, request.POST) for value in data.values()):
            return _page(
                request, 400, "The text contains an unsupported character. Remove it and save again."
            )
        if access.kind == "staff":
            if not request.user.is_authenticated:
                if _asks_json(request):
                    return JsonResponse({"problem": "Your session expired. Sign in to continue."}, status=401)
                return redirect_to_login(request.get_full_path())
            if request.user.role not in access.roles:
                named = " or ".join(sorted(_set(hooks.role_label)(role).lower() for role in access.roles))
                _set(hooks.record_read)(request, view, kwargs, refused=True)
                return _page(request, 403, f"This page is for: {named}. Ask your administrator.")
        try:
            if request.method in ("GET", "HEAD"):
                with reading():
                    answer = view(request, *args, **kwargs)
                if _leaves_row(request, access):
                    _set(hooks.record_read)(request, view, kwargs)
            elif getattr(view, "short_writes", False):
                answer = view(request, *args, **kwargs)
                if _leaves_row(request, access):
                    with writing():
                        _set(hooks.record_access)(request, view, kwargs)
            else:
                answer = _change(request, access, view, args, kwargs)
            return answer
        except ActionRefused as reason:
            return _page(request, 409, str(reason))
        except IntegrityError:
            log.exception("%s could not be saved beside another change", request.path)
            return _page(request, 409, AT_THE_SAME_TIME)
        except USER_ERRORS as mistake:
            return _page(request, 400, str(mistake))
        except ValidationError as mistake:
            return _page(request, 400, " ".join(mistake.messages))


def _change(
    request: HttpRequest,
    access: Access,
    view: Callable[..., HttpResponse],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> HttpResponse:
    """Run a change in one transaction with its audit row.

    When another request has saved the same thing in between, it runs once more and sees what was saved. Uploaded files are
    read once, so a request with files is not repeated. Raises `IntegrityError`.
    """

    def once() -> HttpResponse:
        with writing():
            answer = view(request, *args, **kwargs)
            if _leaves_row(request, access):
                _set(hooks.record_access)(request, view, kwargs)
            return answer

    try:
        return once()
    except IntegrityError:
        if request.FILES:
            raise
        return once()


def _leaves_row(request: HttpRequest, access: Access) -> bool:
    """Frequent machine requests that concern no patient leave no audit row; for text saved every second, one audit
    row covers some minutes.
    """
    silent = access.kind == "key" and not hasattr(request, "about")
    return not silent and not getattr(request, "row_stands", False)


def _asks_json(request: HttpRequest) -> bool:
    return request.headers.get("accept", "").startswith("application/json")


def _page(request: HttpRequest, status: int, sentence: str) -> HttpResponse:
    if _asks_json(request):
        return JsonResponse({"problem": sentence}, status=status)
    return render(request, "platform/refused.html", {"sentence": sentence, "status": status}, status=status)
