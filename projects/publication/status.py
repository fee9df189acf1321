"""Whether readers see a record, in sentences for staff."""

from datetime import datetime

from django.utils.translation import gettext as _

from projects.models import Call, Project
from projects.publication.publish import scheduled_results
from psf.text.dates import describe_moment


def scheduled_sentence(at: datetime) -> str:
    return _("Scheduled for %(moment)s") % {"moment": describe_moment(at)}


def publication_status(record: Call | Project) -> str:
    """Whether readers see the record and the results of a call, in sentences."""
    results = scheduled_results(record) if isinstance(record, Call) else None
    sentences = [_page_status(record)]
    if results:
        sentences.append(_("Results: %(scheduled)s.") % {"scheduled": scheduled_sentence(results)})
    return " ".join(sentences)


def _page_status(record: Call | Project) -> str:
    status = ""
    if record.published_at:
        moment = describe_moment(record.published_at)
        if record.is_public():
            return _("Public since %(moment)s.") % {"moment": moment}
        status = f"{scheduled_sentence(record.scheduled_for() or record.published_at)}."
    if not record.unpublished_at:
        return status or _("Not public.")
    unpublished = _("Unpublished on %(moment)s: %(reason)s") % {
        "moment": describe_moment(record.unpublished_at),
        "reason": record.unpublished_reason,
    }
    return f"{status} {unpublished}".strip()
