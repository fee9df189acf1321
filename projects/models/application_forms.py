"""The questions of a call's application form, what applicants answered, and mails to them."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext, gettext_lazy as _

from partners.models import Partner
from projects.models.assessments import Criterion
from projects.models.calls import Call
from projects.models.projects import Project
from psf.database import constraints
from psf.database.fields import account_field, optional_amount_field, related_name
from psf.history.models import Change, UndoBlocker

# Characters. A cell of a workbook shows at most 2 000 in one row.
LONGEST_ANSWER = 2000
LONGEST_ANSWER_OF_PARTNER = 500


@constraints.of_fields
class Question(models.Model):
    """A question of the application form of a call.

    Applicants have the form when readers see the call. From the first answers on, all questions
    of the call are locked.
    """

    call = models.ForeignKey(
        Call, on_delete=models.CASCADE, related_name="questions", verbose_name=_("call")
    )
    text = models.CharField(_("question"), max_length=200)
    hint = models.CharField(
        _("hint"), max_length=500, blank=True, help_text=_("For applicants, below the question.")
    )
    limit = models.PositiveSmallIntegerField(
        _("longest answer"),
        default=1000,
        help_text=_("Characters: at most 2000, or 500 for an answer of each partner."),
    )
    criterion = models.ForeignKey(
        Criterion,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="questions",
        verbose_name=_("criterion"),
        help_text=_("Assessors read the answer beside this criterion."),
    )
    for_each_partner = models.BooleanField(
        _("for each partner"), default=False, help_text=_("Otherwise one answer for the project.")
    )
    position = models.PositiveSmallIntegerField(
        _("position"), default=1, help_text=_("Order on the form.")
    )

    class Meta:
        ordering = ["call", "position", "pk"]
        verbose_name = _("question")
        verbose_name_plural = _("questions of the application form")
        constraints = [
            models.UniqueConstraint(
                name="question_once_per_call",
                fields=["call", "text"],
                violation_error_message=_("The call already has this question."),
            ),
            constraints.FieldCheck(
                ["limit", "for_each_partner"],
                lambda limit, each: (
                    1 <= limit <= (LONGEST_ANSWER_OF_PARTNER if each else LONGEST_ANSWER)
                ),
                name="question_limit_fits_a_cell",
                condition=Q(limit__range=(1, LONGEST_ANSWER_OF_PARTNER))
                | Q(for_each_partner=False, limit__range=(1, LONGEST_ANSWER)),
                violation_error_message=_(
                    "An answer has 1 to 2000 characters, and 1 to 500 if each partner answers."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.text

    def clean(self) -> None:
        if self.criterion and self.criterion.call_id != self.call_id:
            raise ValidationError({"criterion": _("Choose a criterion of this call.")})

    @staticmethod
    def undo_blocker(change: Change) -> UndoBlocker | None:
        """Blocks undoing changes of questions that applications have answered."""
        why = gettext("Applications have answers, so the questions are locked.")
        return UndoBlocker(why) if has_answers(int(change.record_key)) else None


def has_answers(call: int) -> bool:
    """Whether an application of the call with this key has answers."""
    return Answer.objects.filter(question__call=call).exists()


# The number of a partner on the form: 1 is the lead partner. 0: the answer of the whole project.
WHOLE_PROJECT = 0


@constraints.of_fields
class Answer(models.Model):
    """The answer of an application to a question of its call, as it arrived."""

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="answers", verbose_name=_("application")
    )
    question = models.ForeignKey(
        Question, on_delete=models.PROTECT, related_name="answers", verbose_name=_("question")
    )
    number = models.PositiveSmallIntegerField(
        _("partner on the form"),
        default=WHOLE_PROJECT,
        help_text=_("0: the answer of the whole project."),
    )
    text = models.TextField(_("answer"), max_length=LONGEST_ANSWER)

    class Meta:
        ordering = ["project", "question__position", "question", "number"]
        verbose_name = _("answer")
        verbose_name_plural = _("answers")
        constraints = [
            models.UniqueConstraint(
                name="answer_once_per_project",
                fields=["project", "question", "number"],
                violation_error_message=_("The question has an answer already."),
            )
        ]

    def __str__(self) -> str:
        return f"{related_name(self, 'question')} – {related_name(self, 'project')}"


@constraints.of_fields
class PartnerBudget(models.Model):
    """A partner as the form names it, its costs by category, and what pays them. EUR.

    The grant asked is the rest of the costs after own share and other funding. The answers with
    this number are of `partner` too, whatever the order of the recorded partners.
    """

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="budgets", verbose_name=_("application")
    )
    number = models.PositiveSmallIntegerField(_("partner on the form"))
    name = models.CharField(_("partner"), max_length=300)
    partner = models.ForeignKey(
        Partner,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="budgets",
        verbose_name=_("organisation"),
        help_text=_("Empty: only the name is known."),
    )
    personnel_eur = optional_amount_field(_("personnel"))
    travel_eur = optional_amount_field(_("travel"))
    subcontracting_eur = optional_amount_field(_("sub-contracting"))
    other_eur = optional_amount_field(_("other costs"))
    administration_eur = optional_amount_field(_("administration"))
    own_share_eur = optional_amount_field(_("own share"))
    other_funding_eur = optional_amount_field(_("other funding"))

    class Meta:
        ordering = ["project", "number"]
        verbose_name = _("budget of a partner")
        verbose_name_plural = _("budgets of partners")
        constraints = [
            models.UniqueConstraint(
                name="partner_budget_once_per_project",
                fields=["project", "number"],
                violation_error_message=_("The partner has a budget already."),
            )
        ]

    def __str__(self) -> str:
        return self.name

    def costs(self) -> Decimal:
        return sum((getattr(self, name) or Decimal() for name in COSTS), Decimal())

    def grant(self) -> Decimal:
        return self.costs() - sum((getattr(self, name) or Decimal() for name in SHARES), Decimal())

    def amounts(self) -> list[tuple[str, Decimal | None]]:
        """Each amount with its name; at last the grant asked."""
        names = {field.name: str(field.verbose_name) for field in self._meta.fields}
        rows = [(names[name], getattr(self, name)) for name in [*COSTS, *SHARES]]
        return [*rows, (gettext("grant asked"), self.grant())]


COSTS = ["personnel_eur", "travel_eur", "subcontracting_eur", "other_eur", "administration_eur"]
SHARES = ["own_share_eur", "other_funding_eur"]


MAILS_KEPT = timedelta(days=365)


class FormMailQuerySet(models.QuerySet["FormMail"]):
    def waiting(self) -> Self:
        """The mails that nobody sent yet. A mail without its address cannot be sent."""
        return self.filter(sent_at__isnull=True).exclude(address="")

    def expired(self, day: date) -> Self:
        """The mails that are a year old on that day."""
        return self.filter(made_at__date__lt=day - MAILS_KEPT)


@constraints.of_fields
class FormMail(models.Model):
    """A mail about an application form: its faults, or the receipt of a saved application.

    It waits until staff send it. Personal data: the history does not track it, and after a year it
    is deleted.
    """

    call = models.ForeignKey(
        Call, on_delete=models.CASCADE, related_name="form_mails", verbose_name=_("call")
    )
    project = models.ForeignKey(
        Project,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="form_mails",
        verbose_name=_("application"),
        help_text=_("Empty: the form has faults, so it was not saved."),
    )
    address = models.EmailField(
        _("e-mail address"), blank=True, help_text=_("Empty: deleted on request.")
    )
    subject = models.CharField(_("subject"), max_length=700)
    text = models.TextField(_("text"), max_length=50000)
    made_at = models.DateTimeField(_("written"), auto_now_add=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    sent_by = account_field(_("sent by"), blank=True)

    objects = FormMailQuerySet.as_manager()

    class Meta:
        ordering = ["call", "pk"]
        verbose_name = _("mail about an application form")
        verbose_name_plural = _("mails about application forms")
        default_permissions = ()  # needs the permissions of projects
        constraints = []

    def __str__(self) -> str:
        return self.subject
