"""Pages for machines: health check, robots.txt and security.txt."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from psf.operations.readiness import readiness

PLAIN_TEXT = "text/plain; charset=utf-8"


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Status 200: this process answers. The database is not asked."""
    return HttpResponse("ok\n", content_type=PLAIN_TEXT)


@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Status 200 if pages can be read and saved, otherwise 503 with the reasons."""
    problems = readiness.problems()
    lines = [f"{name}: {problem or 'ok'}\n" for name, problem in problems.items()]
    status = 503 if any(problems.values()) else 200
    response = HttpResponse("".join(lines), content_type=PLAIN_TEXT, status=status)
    if status == 503:
        response["Retry-After"] = "30"
    return response


@require_safe
def robots_txt(request: HttpRequest) -> HttpResponse:
    lines = ["User-agent: *", "Disallow: /admin/", "", f"Sitemap: {settings.SITE_URL}/sitemap.xml"]
    return HttpResponse("".join(f"{line}\n" for line in lines), content_type=PLAIN_TEXT)


@require_safe
def security_txt(request: HttpRequest) -> HttpResponse:
    """Where to report a weakness (RFC 9116)."""
    lines = [
        f"Contact: {settings.SITE_URL}/about/#contact",
        # Always ahead, and the same for a whole year, so that the text keeps its ETag.
        f"Expires: {timezone.now().year + 1}-01-31T00:00:00Z",
        "Preferred-Languages: en",
        f"Canonical: {settings.SITE_URL}/.well-known/security.txt",
    ]
    return HttpResponse("".join(f"{line}\n" for line in lines), content_type=PLAIN_TEXT)
