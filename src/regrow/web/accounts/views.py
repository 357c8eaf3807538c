"""Sign in and sign out."""

from collections.abc import Callable

from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpResponse, HttpResponseBase

from regrow.web.platform.access import public, short_writes
from regrow.web.platform.database import writing


class SignIn(LoginView):
    """Hashing a password takes a quarter of a second, so only what follows it is in a transaction."""

    template_name = "accounts/login.html"
    redirect_authenticated_user = True

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        with writing():
            return super().form_valid(form)


login: Callable[..., HttpResponseBase] = short_writes(public(SignIn.as_view()))
logout: Callable[..., HttpResponseBase] = public(LogoutView.as_view())
