from typing import Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from projects.models.letter_placeholders import refusals_of_text
from psf.database import constraints
from psf.history.models import Action, Change, UndoBlocker

from .calls import Call
from .choices import LetterKind
from .projects import Project


class LetterTemplate(models.Model):
    """What the letters of one kind say to the applicants of one call.

    Names in braces, as {project}, are filled in for each; see `letter_placeholders`.
    """

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="letter_templates")
    kind = models.CharField(_("kind of letter"), max_length=12, choices=LetterKind.choices)
    subject = models.CharField(_("subject"), max_length=200)
    body = models.TextField(
        _("text"),
        max_length=8000,
        help_text=_(
            "An empty line parts paragraphs. {project}, {reference}, {lead_partner} and {call} "
            "stand for what they name; beside them {reasons}, {decided_by}, {decided_on}, and "
            "{award}, {place} or {advice} where the letter is about it."
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
                violation_error_message=_("The call has a text for letters of this kind already."),
            ),
            constraints.known("lettertemplate", "kind", LetterKind.choices),
            constraints.at_most("lettertemplate", "subject", 200),
            constraints.at_most("lettertemplate", "body", 8000),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()

    def clean(self) -> None:
        if self.kind not in LetterKind.values:
            return
        found = {
            name: refusals
            for name in ["subject", "body"]
            if (refusals := refusals_of_text(self.kind, getattr(self, name)))
        }
        if found:
            raise ValidationError(found)


class LetterQuerySet(models.QuerySet["Letter"]):
    def waiting(self) -> Self:
        """The letters that nobody sent or cancelled yet."""
        return self.filter(sent_at__isnull=True, cancelled_at__isnull=True)

    def sent(self) -> Self:
        return self.filter(sent_at__isnull=False)

    def cancel(self, why: str) -> int:
        """Mark the letters as cancelled, with a reason. Returns their number."""
        return self.update(cancelled_at=timezone.now(), cancelled_why=why)

    def last_sent(self) -> Self:
        """The last sent letter of each applicant."""
        later = Letter.objects.sent().filter(corrects=OuterRef("pk"))
        return self.sent().filter(~Exists(later))


class Letter(models.Model):
    """What one applicant is told, once somebody sends it; never two that contradict each other.

    One that waits can be cancelled, one that was sent only be followed by another, which names
    it and says why: so all that are not cancelled stand in one row, from the first to the last.
    """

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="letters", verbose_name=_("project")
    )
    kind = models.CharField(_("kind of letter"), max_length=12, choices=LetterKind.choices)
    subject = models.CharField(_("subject"), max_length=700)
    text = models.TextField(_("text"), max_length=20000)
    made_at = models.DateTimeField(_("written"), auto_now_add=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("written by"),
    )
    corrects = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="corrected_by",
        verbose_name=_("takes the place of"),
    )
    correction = models.CharField(_("why it does"), max_length=500, blank=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("sent by"),
    )
    address = models.EmailField(
        _("e-mail address"), blank=True, help_text=_("Empty: it was sent by hand.")
    )
    cancelled_at = models.DateTimeField(_("cancelled"), null=True, blank=True)
    cancelled_why = models.CharField(_("why cancelled"), max_length=500, blank=True)

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
                violation_error_message=_("A letter to the applicant waits already."),
            ),
            models.CheckConstraint(
                name="letter_correction_says_why",
                condition=Q(corrects__isnull=True, correction="")
                | Q(corrects__isnull=False) & ~Q(correction=""),
                violation_error_message=_("Say why it takes the place of the earlier letter."),
            ),
            models.CheckConstraint(
                name="letter_sent_is_not_cancelled",
                condition=Q(cancelled_at__isnull=True, cancelled_why="")
                | Q(cancelled_at__isnull=False, sent_at__isnull=True) & ~Q(cancelled_why=""),
                violation_error_message=_("Only a letter that waits is cancelled, with a reason."),
            ),
            models.CheckConstraint(
                name="letter_address_is_where_it_was_sent",
                condition=Q(address="") | Q(sent_at__isnull=False),
                violation_error_message=_("A letter has an address once it is sent."),
            ),
            constraints.known("letter", "kind", LetterKind.choices),
            constraints.at_most("letter", "subject", 700),
            constraints.at_most("letter", "text", 20000),
            constraints.at_most("letter", "correction", 500),
            constraints.at_most("letter", "address", 254),
            constraints.at_most("letter", "cancelled_why", 500),
        ]

    def __str__(self) -> str:
        return f"{self.project}: {self.get_kind_display()}"

    def waits(self) -> bool:
        """The same rule as `LetterQuerySet.waiting()`, for a letter already in hand."""
        return self.sent_at is None and self.cancelled_at is None

    @staticmethod
    def undo_blocker(change: Change) -> UndoBlocker | None:
        """What was sent stays sent; with a deleted application its letters come back."""
        call = Call.objects.filter(projects__letters=int(change.key)).values_list("pk", flat=True)
        if change.action == Action.DELETED or not call:
            return None
        return UndoBlocker(
            gettext("It wrote, sent or cancelled letters: that is done in the outbox of the call."),
            reverse("admin:projects_call_outbox", args=[call[0]]),
        )
