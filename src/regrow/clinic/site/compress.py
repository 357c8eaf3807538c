"""Pages and files travel compressed, but for live streams, which must not be held back."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware


class CompressMiddleware(GZipMiddleware):
    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        kind = response.headers.get("Content-Type", "")
        if kind.startswith(("text/event-stream", "image/", "font/", "application/pdf")) and "svg" not in kind:
            return response
        return super().process_response(request, response)
