"""Django settings. Two inputs from outside: the database URL and the data folder."""

import os
import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from csp.constants import SELF
from django.utils.translation import gettext_lazy as _

from .content import knowledge, refresh
from .database import database_settings, database_url
from .paths import data_folder, knowledge_folder

HERE = Path(__file__).parent
KNOWLEDGE_FOLDER = knowledge_folder()


def _secret_key() -> str:
    """Return the key from the environment, or the one stored in the data folder at the first start."""
    given = os.environ.get("REGROW_SECRET_KEY")
    if given:
        return given
    path = data_folder() / "secret.key"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(50), encoding="ascii")
    return path.read_text(encoding="ascii")


SECRET_KEY = _secret_key()
DEBUG = False
ALLOWED_HOSTS = os.environ.get("REGROW_ALLOWED_HOSTS", "localhost,127.0.0.1,[::1],testserver").split(",")
CSRF_TRUSTED_ORIGINS = [o for o in os.environ.get("REGROW_TRUSTED_ORIGINS", "").split(",") if o]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "regrow.web.platform",
    "regrow.web.accounts",
    "regrow.web.audit",
    "regrow.web.patients",
    "regrow.web.signing",
    "regrow.web.simulator",
    "regrow.web.conversations",
    "regrow.web.ledger",
    "regrow.web.alerts",
    "regrow.web.assessments",
    "regrow.web.courses",
    "regrow.web.appointments",
    "regrow.web.dosing_sessions",
    "regrow.web.treatment",
    "regrow.web.interview",
    "regrow.web.billing",
    "regrow.web.portal",
    "regrow.web.staff",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "regrow.web.platform.compress.CompressMiddleware",
    "servestatic.middleware.ServeStaticMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "regrow.web.platform.access.AccessMiddleware",
]
ROOT_URLCONF = "regrow.web.urls"
ASGI_APPLICATION = "regrow.web.platform.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "regrow.web.staff.navigation.navigation",
            ],
            "builtins": ["regrow.web.platform.templatetags.regrow"],
        },
    }
]
DATABASES = {"default": dict(database_settings(database_url()))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "accounts.User"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "today"
LOGOUT_REDIRECT_URL = "login"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}}
]
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = any(o.startswith("https://") for o in CSRF_TRUSTED_ORIGINS)
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_FAILURE_VIEW = "regrow.web.platform.views.csrf_failure"
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"

refresh(KNOWLEDGE_FOLDER, today=lambda: datetime.now(UTC).date())
CLINIC = knowledge.clinic(os.environ.get("REGROW_CLINIC_PROFILE", "happy-healthy-new-york"))
TIME_ZONE = CLINIC.zone
USE_TZ = True
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("es", _("Spanish"))]
LOCALE_PATHS = [HERE / "locale"]
LANGUAGE_COOKIE_NAME = "language"
LANGUAGE_COOKIE_SAMESITE = "Lax"
USE_I18N = True

STATIC_URL = "static/"
SERVESTATIC_USE_FINDERS = True
SERVESTATIC_AUTOREFRESH = False


def _keep_fonts(headers: Any, path: str, url: str) -> None:
    """Cache fonts forever: a font never changes under its name."""
    if url.endswith(".woff2"):
        headers["Cache-Control"] = "public, max-age=31536000, immutable"


SERVESTATIC_ADD_HEADERS_FUNCTION = _keep_fonts

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": [SELF],
    }
}
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "loggers": {"django.request": {"handlers": ["console"], "level": "ERROR", "propagate": False}},
}
