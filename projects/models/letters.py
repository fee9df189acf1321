"""Letters to applicants, their texts and the names in braces."""

import re
from collections.abc import Mapping
from datetime import date, datetime, time
from hashlib import sha256
from typing import Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.text import get_text_list
from django.utils.translation import gettext, gettext_lazy as _

from projects.models.calls import Call
from projects.models.choices import FUNDED_STATUSES, LetterKind
from projects.models.projects import Project
from psf.database import constraints
from psf.database.fields import account_field, related_name
from psf.history.models import Action, Change, UndoBlocker

EVERYWHERE = ["project", "reference", "lead_partner", "call", "signatory"]
OF_THE_DECISION = ["decided_by", "decided_on", "reasons"]
PLACEHOLDERS: dict[str, list[str]] = {
    LetterKind.AWARD: [*EVERYWHERE, *OF_THE_DECISION, "award", "conditions"],
    LetterKind.RESERVE: [*EVERYWHERE, *OF_THE_DECISION, "place"],
    LetterKind.REJECTION: [*EVERYWHERE, *OF_THE_DECISION],
    LetterKind.NOT_ELIGIBLE: [*EVERYWHERE, "reasons", "advice"],
}
# A letter may lack these values.
MAY_BE_EMPTY = ["advice", "conditions"]

IN_BRACES = re.compile(r"\{([^{}]*)\}")


def placeholder_errors(kind: str, text: str) -> list[str]:
    """Sentences about invalid placeholders in a kind of letter; [] without errors."""
    names = PLACEHOLDERS[kind]
    allowed = get_text_list([f"{{{name}}}" for name in names], gettext("and"))
    errors = [
        gettext("A letter of this kind has no {%(name)s}, only %(known)s.")
        % {"name": name, "known": allowed}
        for name in dict.fromkeys(IN_BRACES.findall(text))
        if name not in names
    ]
    if set("{}") & set(IN_BRACES.sub("", text)):
        errors.append(gettext("A brace is not closed. Write a name in braces, such as {project}."))
    return errors


def missing_placeholders(text: str, values: Mapping[str, str]) -> list[str]:
    """The placeholders of a text without a value."""
    names = dict.fromkeys(IN_BRACES.findall(text))
    return [name for name in names if not values[name] and name not in MAY_BE_EMPTY]


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with values instead of placeholders; braces in values stay."""
    return IN_BRACES.sub(lambda match: values[match[1]], text)


REMOVED = "[…]"  # in place of deleted personal data


@constraints.of_fields
class LetterTemplate(models.Model):
    """The text of the letters of one kind for one call.

    Placeholders in braces, such as {project}, get a value per letter; see `letter_placeholders`.
    """

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="letter_templates")
    kind = models.CharField(_("kind of letter"), max_length=12, choices=LetterKind.choices)
    subject = models.CharField(_("subject"), max_length=200)
    body = models.TextField(
        _("text"),
        max_length=8000,
        help_text=_(
            "Empty lines separate paragraphs. Placeholders: {project}, {reference}, "
            "{lead_partner}, {call}, {signatory}, {reasons}, {decided_by}, {decided_on}, and "
            "{award}, {conditions}, {place} or {advice} in letters about these."
        ),
    )

    class Meta:
        ordering = ["call", "kind"]
        verbose_name = _("text of letters")
        verbose_name_plural = _("texts of letters")
        constraints = [
            models.UniqueConstraint(
                name="lettertemplate_is_one_for_a_kind",
                fields=["call", "kind"],
                violation_error_message=_("The call already has a text for this kind of letter."),
            )
        ]

    def __str__(self) -> str:
        return self.get_kind_display()

    def clean(self) -> None:
        if self.kind not in LetterKind.values:
            return
        errors = {
            name: sentences
            for name in ["subject", "body"]
            if (sentences := placeholder_errors(self.kind, getattr(self, name)))
        }
        if errors:
            raise ValidationError(errors)


class LetterQuerySet(models.QuerySet["Letter"]):
    def waiting(self) -> Self:
        """The letters that nobody sent or cancelled yet."""
        return self.filter(sent_at__isnull=True, cancelled_at__isnull=True)

    def sent(self) -> Self:
        return self.filter(sent_at__isnull=False)

    def cancel(self, why: str) -> int:
        """Mark the letters as cancelled, with a reason. Returns their number."""
        return self.update(cancelled_at=timezone.now(), cancelled_why=why, address="")

    def expired(self, day: date) -> Self:
        """The letters with personal data to applicants whose last letter is before `day`.

        Letters to funded projects have only the address to delete.
        """
        moment = timezone.make_aware(datetime.combine(day, time.min))
        newer = Letter.objects.filter(project=OuterRef("project"), made_at__gte=moment)
        is_funded = Q(project__status__in=FUNDED_STATUSES)
        has_text = ~is_funded & ~Q(text=REMOVED)
        return self.filter(has_text | ~Q(address=""), ~Exists(newer))

    def last_sent(self) -> Self:
        """The last sent letter of each applicant."""
        later = Letter.objects.sent().filter(corrects=OuterRef("pk"))
        return self.sent().filter(~Exists(later))


@constraints.of_fields
class Letter(models.Model):
    """A letter to one applicant, waiting, sent or cancelled.

    A waiting letter can be edited, sent and cancelled. `address` is where it was sent, or where it
    is to be sent instead of to the contact person. `failure` is about the last attempt. A sent
    letter can only be replaced by a letter that names the earlier one and gives a reason. All
    letters that are not cancelled form one chain.
    """

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="letters", verbose_name=_("project")
    )
    kind = models.CharField(_("kind of letter"), max_length=12, choices=LetterKind.choices)
    subject = models.CharField(_("subject"), max_length=700)
    text = models.TextField(_("text"), max_length=20000)
    letterhead = models.CharField(_("letterhead"), max_length=500, blank=True)
    composed = models.CharField(
        _("fingerprint of the text before it was edited"), max_length=64, blank=True
    )
    made_at = models.DateTimeField(_("written"), auto_now_add=True)
    made_by = account_field(_("written by"), blank=True)
    corrects = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="corrected_by",
        verbose_name=_("replaces"),
    )
    correction = models.CharField(_("reason for the replacement"), max_length=500, blank=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    sent_by = account_field(_("sent by"), blank=True)
    sent_by_mail = models.BooleanField(
        _("sent by e-mail"), null=True, blank=True, help_text=_("Empty: not sent, or not known.")
    )
    # Personal data: the history leaves it out, and the purge of letters empties it.
    address = models.EmailField(
        _("e-mail address"),
        blank=True,
        help_text=_("Empty: the contact person's, or it was sent by hand, or it was deleted."),
    )
    failure = models.CharField(_("why it was not sent"), max_length=200, blank=True)
    cancelled_at = models.DateTimeField(_("cancelled"), null=True, blank=True)
    cancelled_why = models.CharField(_("reason for the cancellation"), max_length=500, blank=True)

    objects = LetterQuerySet.as_manager()

    class Meta:
        ordering = ["project__reference", "pk"]
        verbose_name = _("letter")
        verbose_name_plural = _("letters")
        constraints = [
            models.UniqueConstraint(
                name="letter_first_is_one_for_a_project",
                fields=["project"],
                condition=Q(cancelled_at__isnull=True, corrects__isnull=True),
                violation_error_message=_("The applicant has a letter already: correct that one."),
            ),
            models.UniqueConstraint(
                name="letter_is_corrected_once",
                fields=["corrects"],
                condition=Q(cancelled_at__isnull=True),
                violation_error_message=_("Another letter takes the place of that one already."),
            ),
            models.UniqueConstraint(
                name="letter_waits_alone",
                fields=["project"],
                condition=Q(cancelled_at__isnull=True, sent_at__isnull=True),
                violation_error_message=_("A letter to the applicant is already waiting."),
            ),
            models.CheckConstraint(
                name="letter_correction_says_why",
                condition=Q(corrects__isnull=True, correction="")
                | Q(corrects__isnull=False) & ~Q(correction=""),
                violation_error_message=_("Give a reason for the replacement."),
            ),
            models.CheckConstraint(
                name="letter_sent_is_not_cancelled",
                condition=Q(cancelled_at__isnull=True, cancelled_why="")
                | Q(cancelled_at__isnull=False, sent_at__isnull=True) & ~Q(cancelled_why=""),
                violation_error_message=_("Only a waiting letter can be cancelled, with a reason."),
            ),
            models.CheckConstraint(
                name="letter_address_is_where_it_was_sent",
                condition=Q(address="")
                | Q(sent_by_mail__isnull=False, sent_by_mail=True)
                | Q(sent_at__isnull=True, cancelled_at__isnull=True),
                violation_error_message=_("Only a letter sent by e-mail keeps an address."),
            ),
            models.CheckConstraint(
                name="letter_sent_by_mail_is_sent",
                condition=Q(sent_by_mail__isnull=True) | Q(sent_at__isnull=False),
                violation_error_message=_("Only a sent letter was sent by e-mail or by hand."),
            ),
        ]

    def __str__(self) -> str:
        return f"{related_name(self, 'project')}: {self.get_kind_display()}"

    def waits(self) -> bool:
        """The rule of `LetterQuerySet.waiting()` for a loaded letter."""
        return self.sent_at is None and self.cancelled_at is None

    def content(self) -> tuple[str, str, str]:
        """What tells two letters apart: a letter that was edited counts as it was composed."""
        words = f"{self.subject}\n{self.text}".encode()
        return self.kind, self.letterhead, self.composed or sha256(words).hexdigest()

    def recipient(self) -> str:
        """The address of the letter, or of the contact person; "" without one."""
        if self.address or not self.waits():
            return self.address
        return next((row.email for row in self.project.contacts.all() if row.email), "")

    @staticmethod
    def undo_blocker(change: Change) -> UndoBlocker | None:
        """Blocks undoing changes of letters, except the deletion of an application."""
        call = Call.objects.filter(projects__letters=int(change.key)).values_list("pk", flat=True)
        if change.action == Action.DELETED or not call:
            return None
        return UndoBlocker(
            gettext("It wrote, sent or cancelled letters. Use the outbox of the call instead."),
            reverse("admin:projects_call_outbox", args=[call[0]]),
        )
