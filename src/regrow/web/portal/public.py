"""The public form, the coordinator's board and the outbox."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from regrow.web.conversations.api import InquiryForm, save_inquiry
from regrow.web.platform.access import form_id, public


@public
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "portal/landing.html")


@public
def contact(request: HttpRequest) -> HttpResponse:
    """The public form. Sent twice, it is one inquiry."""
    form = InquiryForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        danger = save_inquiry(form, "form", form_id(request))
        return redirect("contact-help" if danger else "contact-sent")
    return render(request, "portal/contact.html", {"form": form}, status=400 if form.errors else 200)


@public
@require_GET
def contact_sent(request: HttpRequest) -> HttpResponse:
    return render(request, "portal/contact_sent.html")


@public
@require_GET
def contact_help(request: HttpRequest) -> HttpResponse:
    """Help first, for somebody whose words told of danger."""
    return render(request, "portal/contact_sent.html", {"danger": True})
