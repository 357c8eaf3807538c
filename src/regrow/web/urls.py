"""Every address of the site, app by app; the first match answers."""

from django.urls import include, path

APPS = (
    "platform",
    "accounts",
    "patients",
    "simulator",
    "conversations",
    "ledger",
    "alerts",
    "assessments",
    "appointments",
    "dosing_sessions",
    "treatment",
    "interview",
    "billing",
    "portal",
    "staff",
)

urlpatterns = [path("", include(f"regrow.web.{app}.urls")) for app in APPS]
handler404 = "regrow.web.platform.views.not_found"
handler500 = "regrow.web.platform.views.server_error"
