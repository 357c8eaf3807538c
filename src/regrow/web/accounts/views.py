"""Today's page for each role, the components, the audit trail, and what is said when something is refused."""

from collections.abc import Callable

from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpResponseBase

from regrow.web.platform.access import public

login: Callable[..., HttpResponseBase] = public(
    LoginView.as_view(template_name="accounts/login.html", redirect_authenticated_user=True)
)
logout: Callable[..., HttpResponseBase] = public(LogoutView.as_view())
