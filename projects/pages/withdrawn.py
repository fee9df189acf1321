from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.utils import timezone

from psf.text.dates import Precision, describe


def withdrawn_page(unpublished: QuerySet, **address: str) -> HttpResponse:
    """The page of a withdrawn record, with day and reason (410); raises Http404 without one."""
    record = get_object_or_404(unpublished, **address)
    context = {
        "kind": record._meta.model_name,
        "reference": getattr(record, "reference", ""),
        "day": describe(timezone.localtime(record.unpublished_at), Precision.DAY),
        "reason": record.unpublished_reason,
    }
    return HttpResponse(render_to_string("projects/withdrawn.html", context), status=410)
