from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _

from projects.models import Call, Project
from psf.text.dates import Precision, describe


def withdrawn_page(unpublished: QuerySet, **address: str) -> HttpResponse:
    """The page of a withdrawn record, with day and reason (410); raises Http404 without one."""
    record = get_object_or_404(unpublished, **address)
    day = describe(timezone.localtime(record.unpublished_at), Precision.DAY)
    if isinstance(record, Project):
        sentence = _("Project %(reference)s was withdrawn on %(day)s.")
        sentence %= {"reference": record.reference, "day": day}
    elif isinstance(record, Call):
        sentence = _("This call was withdrawn on %(day)s.") % {"day": day}
    else:
        sentence = _("The results of this call were withdrawn on %(day)s.") % {"day": day}
    context = {"sentence": sentence, "reason": record.unpublished_reason}
    return HttpResponse(render_to_string("projects/gone.html", context), status=410)
