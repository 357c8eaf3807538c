"""The public contact form and its help page."""

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
    """Show and store the contact form; idempotent by its form id."""
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
    """Show help first, after a message with a crisis phrase."""
    return render(request, "portal/contact_sent.html", {"danger": True})
