"""The draft of a decision, its frozen evidence, waivers, and reasons for “not eligible”."""

from hashlib import sha256
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy as _

from projects.models.calls import Call
from projects.models.choices import DECIDED_STATUSES, EvidenceKind, Outcome, RuleKey
from projects.models.projects import Project
from psf.database import constraints
from psf.database.fields import account_field, optional_amount_field, related_name
from psf.history.models import Action, Change, UndoBlocker

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

# The conditions of an award with when they are due: in the order of the standard instalments.
CONDITIONS = {
    "condition_signature": _("Before the first payment"),
    "condition_interim": _("With the interim report"),
    "condition_final": _("With the final report"),
}
# What a draft says about an application.
PROPOSED = ["outcome", "award_eur", "reserve_place", "reason", *CONDITIONS]


def condition_field(label: "StrPromise") -> "models.CharField[str, str]":
    """A condition of an award, named by the payment that waits for it."""
    return models.CharField(label, max_length=400, blank=True)


@constraints.of_fields
class DecisionLine(models.Model):
    """The decision on one application; a draft until it is applied."""

    project = models.OneToOneField(
        Project, on_delete=models.CASCADE, related_name="decision_line", verbose_name=_("project")
    )
    outcome = models.CharField(_("outcome"), max_length=8, choices=Outcome.choices)
    award_eur = optional_amount_field(_("award"))
    reserve_place = models.PositiveSmallIntegerField(
        _("place on the reserve list"), null=True, blank=True
    )
    reason = models.CharField(
        _("reason for the applicant"),
        max_length=1000,
        blank=True,
        help_text=_("Part of the letter."),
    )
    condition_signature = condition_field(_("condition before the first payment"))
    condition_interim = condition_field(_("condition with the interim report"))
    condition_final = condition_field(_("condition with the final report"))
    reserve_award_eur = optional_amount_field(
        _("award proposed from the reserve list"), editable=False
    )
    proposed_by = account_field(_("proposed by"), editable=False)
    confirmed_by = account_field(_("confirmed by"), editable=False)
    is_confirmed = models.BooleanField(
        _("confirmed by a second person"), default=False, editable=False
    )

    class Meta:
        ordering = ["project__reference"]
        verbose_name = _("line of the decision")
        verbose_name_plural = _("lines of the decision")
        constraints = [
            models.CheckConstraint(
                name="decisionline_award_is_for_the_funded",
                condition=Q(outcome=Outcome.FUNDED, award_eur__isnull=False)
                | ~Q(outcome=Outcome.FUNDED) & Q(award_eur__isnull=True),
                violation_error_message=_(
                    "A funded application needs an award. Other applications have none."
                ),
            ),
            models.CheckConstraint(
                name="decisionline_place_is_on_the_reserve",
                condition=Q(outcome=Outcome.RESERVE, reserve_place__isnull=False)
                | ~Q(outcome=Outcome.RESERVE) & Q(reserve_place__isnull=True),
                violation_error_message=_(
                    "An application on the reserve list needs a place. Others have none."
                ),
            ),
            models.CheckConstraint(
                name="decisionline_conditions_are_for_the_funded",
                condition=Q(outcome=Outcome.FUNDED)
                | Q(condition_signature="", condition_interim="", condition_final=""),
                violation_error_message=_("Only funded applications have conditions."),
            ),
            models.CheckConstraint(
                name="decisionline_proposal_is_on_the_reserve",
                condition=Q(reserve_award_eur__isnull=True) | Q(outcome=Outcome.RESERVE),
                violation_error_message=_("Only the reserve list has proposed awards."),
            ),
            models.CheckConstraint(
                name="decisionline_second_person_confirms_an_award",
                condition=Q(is_confirmed=False, confirmed_by__isnull=True)
                | Q(is_confirmed=True, outcome=Outcome.FUNDED)
                & (
                    Q(confirmed_by__isnull=True)
                    | Q(proposed_by__isnull=True)
                    | ~Q(confirmed_by=F("proposed_by"))
                ),
                violation_error_message=_("A second person must confirm an award."),
            ),
        ]

    def __str__(self) -> str:
        return f"{related_name(self, 'project')}: {self.get_outcome_display()}"

    def conditions(self) -> list[str]:
        """The conditions of the award, each with when it is due."""
        texts = [(due, getattr(self, name)) for name, due in CONDITIONS.items()]
        return [f"{due}: {text}" for due, text in texts if text]

    @staticmethod
    def undo_blocker(change: Change) -> UndoBlocker | None:
        """Blocks undoing the draft of an applied decision. The decision itself can be undone."""
        calls = Call.objects.filter(
            projects__decision_line=int(change.key), projects__status__in=DECIDED_STATUSES
        ).values_list("pk", flat=True)
        is_proposal = change.action != Action.CHANGED or {*change.old()} & {*PROPOSED}
        same = change.change_set.changes.filter(kind=change.record_kind, key=change.record_key)
        if not (is_proposal and calls) or same.filter(before__has_key="status").exists():
            return None
        return UndoBlocker(
            gettext("It is part of a decision that was applied. Reverse it, or correct a reason."),
            reverse("admin:projects_call_decision", args=[calls[0]]),
        )


@constraints.of_fields
class Evidence(models.Model):
    """A frozen text in canonical JSON with its check sum. A trigger refuses every change."""

    kind = models.CharField(_("kind"), max_length=11, choices=EvidenceKind.choices)
    call = models.ForeignKey(
        Call, on_delete=models.CASCADE, related_name="evidence", verbose_name=_("call")
    )
    project = models.ForeignKey(
        Project,
        on_delete=models.PROTECT,  # deleting an application must not delete its evidence
        null=True,
        related_name="evidence",
        verbose_name=_("project"),
    )
    taken_at = models.DateTimeField(_("taken"), auto_now_add=True)
    taken_by = models.CharField(_("taken by"), max_length=150)
    content = models.TextField(_("content"), max_length=1_000_000)
    sha256 = models.CharField(_("check sum"), max_length=64)

    class Meta:
        ordering = ["-taken_at", "-pk"]
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")
        constraints = []

    def __str__(self) -> str:
        record = related_name(self, "project") or related_name(self, "call")
        return f"{self.get_kind_display()}: {record}"

    def is_intact(self) -> bool:
        """Whether the content still has its check sum."""
        return sha256(self.content.encode()).hexdigest() == self.sha256


@constraints.of_fields
class Waiver(models.Model):
    """A rule of the call that is not applied to one application, with the reason."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="waivers")
    rule = models.CharField(_("rule"), max_length=10, choices=RuleKey.choices)
    reason = models.CharField(_("reason"), max_length=500)
    given_by = account_field(blank=True)
    given_at = models.DateTimeField(_("given"), auto_now_add=True)

    class Meta:
        ordering = ["rule"]
        verbose_name = _("waiver")
        verbose_name_plural = _("waivers")
        constraints = [
            models.UniqueConstraint(
                name="waiver_is_one_for_a_rule",
                fields=["project", "rule"],
                violation_error_message=_("This rule already has a waiver."),
            ),
            models.CheckConstraint(
                name="waiver_has_a_reason",
                condition=~Q(reason=""),
                violation_error_message=_("Give a reason."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_rule_display()}: {self.reason}"


@constraints.of_fields
class IneligibilityReason(models.Model):
    """A reason, worded for one call, why an application is not eligible."""

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="ineligibility_reasons")
    text = models.CharField(
        _("reason"),
        max_length=300,
        help_text=_("A sentence for a letter, such as: The lead partner is missing."),
    )
    advice = models.CharField(
        _("advice"),
        max_length=500,
        blank=True,
        help_text=_("Advice for the next application. Part of the letter."),
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        ordering = ["position", "pk"]
        verbose_name = _("reason for “not eligible”")
        verbose_name_plural = _("reasons for “not eligible”")
        constraints = [
            models.UniqueConstraint(
                name="ineligibilityreason_once_per_call",
                fields=["call", "text"],
                violation_error_message=_("This reason is already in the list."),
            ),
        ]

    def __str__(self) -> str:
        return self.text


@constraints.of_fields
class IneligibilityFinding(models.Model):
    """A reason why one application is not eligible."""

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="ineligibility_findings"
    )
    reason = models.ForeignKey(
        IneligibilityReason,
        on_delete=models.PROTECT,
        related_name="findings",
        verbose_name=_("reason"),
    )

    class Meta:
        ordering = ["reason__position", "reason"]
        verbose_name = _("reason given")
        verbose_name_plural = _("not eligible because")
        constraints = [
            models.UniqueConstraint(
                name="ineligibilityfinding_once_per_project",
                fields=["project", "reason"],
                violation_error_message=_("This reason is already given."),
            )
        ]

    def __str__(self) -> str:
        return related_name(self, "reason")
