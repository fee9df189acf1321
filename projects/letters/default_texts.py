"""Our own texts of letters, with which a call can begin."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from projects.models import Call, LetterKind, LetterTemplate
from projects.permissions import DECIDE
from psf.database.record_version import bump_version, lock
from psf.history import recording
from psf.history.models import Channel

OURS = {
    LetterKind.AWARD: (
        gettext_lazy("{call}: your project is funded"),
        gettext_lazy(
            "To {lead_partner}\n\n"
            "{decided_by} decided on {decided_on} to fund your project “{project}” ({reference}) "
            "under {call} with {award}.\n\n"
            "Next, we send you a draft of the grant agreement. Please tell us if the partners, the "
            "dates or the budget have changed since you applied.\n\n"
            "Please do not announce the grant before we have published the results of the call.\n\n"
            "The Secretariat of the Council of the Baltic Sea States"
        ),
    ),
    LetterKind.RESERVE: (
        gettext_lazy("{call}: your application is on the reserve list"),
        gettext_lazy(
            "To {lead_partner}\n\n"
            "{decided_by} decided on {decided_on} on the applications to {call}. Your application "
            "“{project}” ({reference}) is on the reserve list, at place {place}.\n\n"
            "It is funded if enough money falls free. You need do nothing; we write to you as soon "
            "as anything changes.\n\n"
            "The Secretariat of the Council of the Baltic Sea States"
        ),
    ),
    LetterKind.REJECTION: (
        gettext_lazy("{call}: your application is not funded"),
        gettext_lazy(
            "To {lead_partner}\n\n"
            "{decided_by} decided on {decided_on} on the applications to {call}. Your application "
            "“{project}” ({reference}) is not funded, for this reason:\n\n"
            "{reasons}\n\n"
            "We are glad to explain the decision: answer this letter. You can apply again to a "
            "later call.\n\n"
            "The Secretariat of the Council of the Baltic Sea States"
        ),
    ),
    LetterKind.NOT_ELIGIBLE: (
        gettext_lazy("{call}: your application is not eligible"),
        gettext_lazy(
            "To {lead_partner}\n\n"
            "We checked your application “{project}” ({reference}) against the rules of {call}. "
            "It is not eligible, so it is not assessed:\n\n"
            "{reasons}\n\n"
            "{advice}\n\n"
            "If you think that we are mistaken, please answer this letter. You can apply again to "
            "a later call.\n\n"
            "The Secretariat of the Council of the Baltic Sea States"
        ),
    ),
}


def add_our_texts(call: Call, by: Any) -> None:
    """Give the call our text for each kind of letter for which it has none."""
    if not by.has_perm(DECIDE):
        raise PermissionDenied
    with recording.change_set(by, channel=Channel.LETTERS, reason=_("Our own texts of letters")):
        call = lock(Call.objects.filter(pk=call.pk))[0]
        there = set(call.letter_templates.values_list("kind", flat=True))
        LetterTemplate.objects.bulk_create(
            LetterTemplate(call=call, kind=kind, subject=str(subject), body=str(body))
            for kind, (subject, body) in OURS.items()
            if kind not in there
        )
        bump_version(Call, [call.pk])
