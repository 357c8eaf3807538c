"""Every address of the site, taken out of the apps' URL lists."""

from django.urls import URLPattern, URLResolver

from regrow.web import urls


def _flat(patterns: list) -> list[URLPattern]:
    found = []
    for one in patterns:
        found += _flat(one.url_patterns) if isinstance(one, URLResolver) else [one]
    return found


urlpatterns = _flat(urls.urlpatterns)
