from django.http import HttpRequest, HttpResponseBase
from django.middleware.http import ConditionalGetMiddleware
from django.utils.cache import set_response_etag


class ConditionalGet(ConditionalGetMiddleware):
    """Django's middleware, with an ETag for HEAD as for GET."""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        if request.method == "HEAD" and self.needs_etag(response) and "ETag" not in response:
            set_response_etag(response)
        return super().process_response(request, response)
