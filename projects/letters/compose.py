"""Writing letters: what is recorded of each application, in the words of the call's texts."""

import re
from typing import Any

from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from projects.models import AmountKind, Call, Letter, LetterKind, LetterTemplate, Project
from projects.models.choices import FUNDED_STATUSES, LETTERS
from projects.models.letter_placeholders import fill, lacking
from projects.models.letters import LetterQuerySet
from projects.permissions import DECIDE
from psf.database.record_version import lock
from psf.history import recording
from psf.history.models import Channel
from psf.text.dates import Precision, describe
from psf.text.numbers import eur

BLANK_LINES = re.compile(r"\n\s*\n")


def write_letters(call: Call, by: Any) -> list[Letter]:
    """Write a letter for each application whose outcome its applicant was not told.

    One that waits and says the same stays; one that says anything else is cancelled. Whoever was
    sent a letter is sent another only by `correct()`. Raises `ValidationError` with all that is
    lacking, and then writes nothing.
    """
    if not by.has_perm(DECIDE):
        raise PermissionDenied
    with recording.change_set(
        by, channel=Channel.LETTERS, reason=_("Letters of %(call)s") % {"call": call}
    ):
        call = lock(Call.objects.filter(pk=call.pk))[0]
        lock(call.projects.all())
        waiting = {one.project_id: one for one in letters_of(call).waiting()}
        told = set(letters_of(call).sent().values_list("project", flat=True))
        found: list[str] = []
        letters = []
        for project in with_outcome(call.projects.all()):
            there = waiting.get(project.pk)
            if there is None and project.pk in told:
                continue
            try:
                letter = compose(project, there)
            except ValidationError as error:
                found += error.messages
                continue
            if there and is_same(there, letter):
                del waiting[project.pk]
            else:
                letters.append(letter)
        if found:
            raise ValidationError(list(dict.fromkeys(found)))
        Letter.objects.filter(pk__in=[one.pk for one in waiting.values()]).cancel(
            _("It was written anew, or there is nothing to tell any more.")
        )
        for letter in letters:
            letter.made_by = by
            letter.save()
        return letters


def correct(letter: Letter, by: Any, reason: str) -> Letter:
    """Write a letter that takes the place of one that was sent, and tells the applicant why."""
    if not by.has_perm(DECIDE):
        raise PermissionDenied
    if not reason.strip():
        raise ValidationError(_("Say why, in a sentence for the applicant."))
    with recording.change_set(by, channel=Channel.LETTERS, reason=reason.strip()):
        project = lock(Project.objects.filter(pk=letter.project_id))[0]
        letter = lock(Letter.objects.filter(pk=letter.pk))[0]
        if letter.sent_at is None or letter.corrected_by.filter(cancelled_at=None).exists():
            raise ValidationError(
                _("Another letter takes the place of this one, or it was never sent.")
            )
        found = with_outcome(Project.objects.filter(pk=project.pk))
        if not found:
            raise ValidationError(
                _("%(project)s is %(status)s: there is nothing to tell yet.")
                % {"project": project.reference, "status": project.get_status_display()}
            )
        new = compose(found[0], Letter(corrects=letter, correction=reason.strip()))
        new.made_by = by
        new.save()
        return new


def untold(call: Call) -> list[Project]:
    """The applications with an outcome for which no letter waits or was sent."""
    written = set(letters_of(call).filter(cancelled_at=None).values_list("project", flat=True))
    return [one for one in with_outcome(call.projects.all()) if one.pk not in written]


def untrue(call: Call) -> dict[Letter, str]:
    """The letters that were sent last and tell another outcome or award than is recorded now."""
    letters = letters_of(call).told_last().select_related("project")
    return {letter: words for letter in letters if (words := _what_is_now(letter))}


def _what_is_now(letter: Letter) -> str:
    """What is recorded in the place of what the letter tells; "" if it is true."""
    project = letter.project
    if letter.kind != LETTERS.get(project.status):
        return _("the application is %(status)s now") % {"status": project.get_status_display()}
    award = _award(project)
    if award and "EUR" in letter.text and award not in letter.text:
        return _("the award is %(award)s now") % {"award": award}
    return ""


def letters_of(call: Call) -> LetterQuerySet:
    return Letter.objects.filter(project__call=call).select_related("corrects")


def with_outcome(projects: QuerySet[Project]) -> list[Project]:
    """The applications of which there is something to tell.

    What is recorded of old calls without a decision that was applied here tells nobody anything.
    """
    found = projects.filter(status__in=LETTERS).select_related("call__decision", "decision_line")
    found = found.prefetch_related(
        "call__letter_templates", "ineligibility_findings__reason", "partnerships__partner"
    )
    return [
        project
        for project in found.order_by("reference")
        if LETTERS[project.status] == LetterKind.NOT_ELIGIBLE or hasattr(project, "decision_line")
    ]


def compose(project: Project, before: Letter | None = None) -> Letter:
    """The letter as it would be written now; it follows the same one as `before` does.

    `project` comes from `with_outcome()`. Raises `ValidationError` with what is lacking.
    """
    template = _template_for(project)
    values = values_of(project)
    if missing := lacking(f"{template.subject} {template.body}", values):
        raise ValidationError(
            [
                _("%(project)s: nothing is recorded for {%(name)s}, which the letter names.")
                % {"project": project.reference, "name": name}
                for name in missing
            ]
        )
    letter = Letter(
        project=project,
        kind=template.kind,
        subject=" ".join(fill(template.subject, values).split()),
        corrects=before.corrects if before else None,
        correction=before.correction if before else "",
    )
    letter.text = "\n\n".join([*_opening(letter), *paragraphs(fill(template.body, values))])
    try:
        letter.clean_fields(exclude=["project", "corrects"])
    except ValidationError as error:
        raise ValidationError(
            [f"{project.reference}: {message}" for message in error.messages]
        ) from None
    return letter


def is_same(one: Letter, other: Letter) -> bool:
    return (one.kind, one.subject, one.text) == (other.kind, other.subject, other.text)


def paragraphs(text: str) -> list[str]:
    """The paragraphs of a text; one in which nothing is said is none."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return [part.strip() for part in BLANK_LINES.split(text) if part.strip()]


def _opening(letter: Letter) -> list[str]:
    earlier = letter.corrects
    if earlier is None:
        return []
    day = describe(timezone.localdate(earlier.sent_at), Precision.DAY)
    sentence = _("This letter takes the place of our letter of %(day)s (“%(subject)s”).")
    words = sentence % {"day": day, "subject": earlier.subject}
    return [f"{words} {letter.correction}"]


def values_of(project: Project) -> dict[str, str]:
    """What the names in braces stand for; "" where nothing is recorded."""
    lead, line = project.lead(), getattr(project, "decision_line", None)
    reasons = [finding.reason for finding in project.ineligibility_findings.all()]
    is_out = LETTERS[project.status] == LetterKind.NOT_ELIGIBLE
    values = {
        "project": project.title,
        "reference": project.reference,
        "lead_partner": str(lead.partner or "") if lead else "",
        "call": project.call.title,
        "decided_by": "",
        "decided_on": "",
        "reasons": "\n".join(reason.text for reason in reasons)
        if is_out
        else (line.reason if line else ""),
        "advice": "\n".join(reason.advice for reason in reasons if reason.advice),
        "award": _award(project),
        "place": str(line.reserve_place or "") if line else "",
    }
    try:
        decision = project.call.decision
    except ObjectDoesNotExist:
        return values
    day = describe(decision.decided_on, Precision.DAY) if decision.decided_on else ""
    return {**values, "decided_by": decision.body, "decided_on": day}


def _award(project: Project) -> str:
    is_award = project.status in FUNDED_STATUSES and project.amount_kind == AmountKind.AWARDED
    return eur(project.amount_eur) if is_award and project.amount_eur is not None else ""


def _template_for(project: Project) -> LetterTemplate:
    kind = LETTERS[project.status]
    found = [text for text in project.call.letter_templates.all() if text.kind == kind]
    if not found:
        raise ValidationError(
            _("The call has no text for letters of this kind: %(kind)s.")
            % {"kind": LetterKind(kind).label}
        )
    return found[0]
