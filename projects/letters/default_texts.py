"""The default texts of letters, which a call can copy and adapt."""

from django.contrib.auth.models import User
from django.utils.translation import gettext as _, gettext_lazy

from projects.models import Call, LetterKind, LetterTemplate
from projects.permissions import DECIDE, require
from psf.database.record_version import bump_version, lock
from psf.history import recording
from psf.history.models import Channel

# Names of bodies have an article, need one or have none. So no sentence contains the name.
DEFAULT_TEXTS = {
    LetterKind.AWARD: (
        gettext_lazy("{call}: your project is funded"),
        gettext_lazy(
            "To {lead_partner}\n\n"
            "Your project “{project}” ({reference}) is funded under {call} with {award}.\n\n"
            "Decided by: {decided_by}, on {decided_on}.\n\n"
            "{conditions}\n\n"
            "Next, we send you a draft of the grant agreement. Please tell us if the partners, the "
            "dates or the budget have changed since you applied.\n\n"
            "Please do not announce the grant before we have published the results of the call.\n\n"
            "{signatory}"
        ),
    ),
    LetterKind.RESERVE: (
        gettext_lazy("{call}: your application is on the reserve list"),
        gettext_lazy(
            "To {lead_partner}\n\n"
            "Your application “{project}” ({reference}) to {call} is on the reserve list, at place "
            "{place}.\n\n"
            "Decided by: {decided_by}, on {decided_on}.\n\n"
            "We can fund it if money becomes available. You need not do anything. We write to you "
            "as soon as anything changes.\n\n"
            "{signatory}"
        ),
    ),
    LetterKind.REJECTION: (
        gettext_lazy("{call}: your application is not funded"),
        gettext_lazy(
            "To {lead_partner}\n\n"
            "Your application “{project}” ({reference}) to {call} is not funded, for this "
            "reason:\n\n"
            "{reasons}\n\n"
            "Decided by: {decided_by}, on {decided_on}.\n\n"
            "We are glad to explain the decision: please reply to this letter. You can apply again "
            "to a later call.\n\n"
            "{signatory}"
        ),
    ),
    LetterKind.NOT_ELIGIBLE: (
        gettext_lazy("{call}: your application is not eligible"),
        gettext_lazy(
            "To {lead_partner}\n\n"
            "We checked your application “{project}” ({reference}) against the rules of {call}. "
            "It is not eligible, so we did not assess it:\n\n"
            "{reasons}\n\n"
            "{advice}\n\n"
            "If you think that this is a mistake, please reply to this letter. You can apply again "
            "to a later call.\n\n"
            "{signatory}"
        ),
    ),
}


def add_default_texts(call: Call, by: User) -> None:
    """Add the default text for each kind of letter without a text in the call."""
    require(by, DECIDE)
    with recording.change_set(by, channel=Channel.LETTERS, reason=_("Default texts of letters")):
        call = lock(Call.objects.filter(pk=call.pk))[0]
        kinds = set(call.letter_templates.values_list("kind", flat=True))
        LetterTemplate.objects.bulk_create(
            LetterTemplate(call=call, kind=kind, subject=str(subject), body=str(body))
            for kind, (subject, body) in DEFAULT_TEXTS.items()
            if kind not in kinds
        )
        bump_version(Call, [call.pk])
