from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import has_vary_header, patch_vary_headers

GetResponse = Callable[[HttpRequest], HttpResponse]

PERMISSIONS_POLICY = ", ".join(
    f"{feature}=()"
    for feature in [
        "accelerometer",
        "camera",
        "display-capture",
        "geolocation",
        "gyroscope",
        "magnetometer",
        "microphone",
        "midi",
        "payment",
        "usb",
    ]
)


class SecurityHeaders:
    """The same headers on every response: pages, errors, redirects and static files.

    Any cache may store a public page, but must validate the page by ETag at each request. No cache
    may store staff pages. Other sites may show in a frame only the pages of views with Django's
    `xframe_options_exempt`.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        policy = "; ".join(f"{name} {' '.join(v)}" for name, v in settings.SECURE_CSP.items())
        self.headers = {
            "Content-Security-Policy": policy,
            "Cross-Origin-Resource-Policy": "same-origin",
            "Cross-Origin-Opener-Policy": settings.SECURE_CROSS_ORIGIN_OPENER_POLICY,
            "Cross-Origin-Embedder-Policy": "require-corp",
            "Permissions-Policy": PERMISSIONS_POLICY,
            "Referrer-Policy": settings.SECURE_REFERRER_POLICY,
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": settings.X_FRAME_OPTIONS,
        }
        open_policy = policy.replace("frame-ancestors 'none'", "frame-ancestors *")
        self.framed_headers = self.headers | {
            "Content-Security-Policy": open_policy,
            "Cross-Origin-Resource-Policy": "cross-origin",
        }
        del self.framed_headers["X-Frame-Options"]

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        framed = getattr(response, "xframe_options_exempt", False)
        for name, value in (self.framed_headers if framed else self.headers).items():
            response.headers.setdefault(name, value)
        if request.path.startswith("/admin/"):
            response.headers["Cache-Control"] = "no-store, private"
        else:
            response.headers.setdefault("Cache-Control", self.cache_control(response))
        if response.status_code == 304:
            # The gzip middleware skips empty responses, but the full response varies.
            patch_vary_headers(response, ["Accept-Encoding"])
        return response

    def cache_control(self, response: HttpResponse) -> str:
        if response.cookies or has_vary_header(response, "Cookie"):
            return "no-cache, private"
        return "no-cache, public" if response.status_code in [200, 304] else "no-cache"
