"""The page of a withdrawn record: 410, with day and reason."""

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.utils import timezone

from projects.models.publication import Published
from psf.text.dates import Precision, describe


def withdrawn_page(unpublished: QuerySet, **address: str) -> HttpResponse:
    """The page of a withdrawn record, with day and reason (410); raises Http404 without one."""
    record = get_object_or_404(unpublished, **address)
    context = {
        "kind": record._meta.model_name,
        "reference": getattr(record, "reference", ""),
        **withdrawal_of(record),
    }
    return HttpResponse(render_to_string("projects/withdrawn.html", context), status=410)


def withdrawal_of(record: Published) -> dict[str, str]:
    """Day and reason of the withdrawal of a record that was public; empty without one."""
    if record.unpublished_at is None:
        return {}
    day = describe(timezone.localtime(record.unpublished_at), Precision.DAY)
    return {"day": day, "reason": record.unpublished_reason}
