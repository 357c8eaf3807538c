"""Pages travel compressed. What streams does not: live updates must not be held back, and a file that is streamed to an
asynchronous server would be compressed piece by piece, of which a browser reads the first.
"""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware


class CompressMiddleware(GZipMiddleware):
    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if response.streaming:
            return response
        return super().process_response(request, response)
