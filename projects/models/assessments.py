"""Criteria, assessments and consensus, and who may read the points."""

from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy as _

from projects.models.calls import Call
from projects.models.choices import Declaration, ProjectStatus, Recommendation
from projects.permissions import ASSESS, LEAD_ASSESSMENT
from psf.database import constraints
from psf.database.fields import percent_field, related_name
from psf.database.record_version import VersionField
from psf.history.models import Change, UndoBlocker

if TYPE_CHECKING:
    from projects.models.projects import Project  # noqa: F401 (named in strings below)

# The weight of a criterion, and the points of its scale.
BOUNDS = (1, 100)


@constraints.of_fields
class Criterion(models.Model):
    """A criterion for the assessment of all applications of a call.

    All criteria of a call are locked once an assessor has given points.
    """

    call = models.ForeignKey(
        Call, on_delete=models.CASCADE, related_name="criteria", verbose_name=_("call")
    )
    name = models.CharField(_("name"), max_length=200, help_text=_("Such as Relevance."))
    description = models.CharField(
        _("explanation"), max_length=500, blank=True, help_text=_("For the assessors.")
    )
    weight = models.SmallIntegerField(
        _("weight"), default=1, help_text=_("Weight among all criteria: 1 to 100.")
    )
    maximum = models.SmallIntegerField(
        _("maximum points"), default=5, help_text=_("End of the scale that starts at 0: 1 to 100.")
    )
    position = models.PositiveSmallIntegerField(
        _("position"), default=1, help_text=_("Order on the form.")
    )

    class Meta:
        ordering = ["call", "position", "pk"]
        verbose_name = _("criterion")
        verbose_name_plural = _("criteria of assessment")
        constraints = [
            models.UniqueConstraint(
                name="criterion_once_per_call",
                fields=["call", "name"],
                violation_error_message=_("The call already has a criterion with this name."),
            ),
            models.CheckConstraint(
                name="criterion_weight_is_from_1_to_100",
                condition=Q(weight__range=BOUNDS),
                violation_error_message=_("A weight must be between 1 and 100."),
            ),
            models.CheckConstraint(
                name="criterion_maximum_is_from_1_to_100",
                condition=Q(maximum__range=BOUNDS),
                violation_error_message=_("The maximum must be between 1 and 100 points."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @staticmethod
    def undo_blocker(change: Change) -> UndoBlocker | None:
        """The reason why the history cannot restore a criterion; None without a reason."""
        return UndoBlocker(criteria_locked()) if has_scores(int(change.record_key)) else None


def has_scores(call: int) -> bool:
    """Whether assessors have given points for the criteria of the call with this key."""
    return Criterion.objects.filter(call=call, scores__isnull=False).exists()


def criteria_locked() -> str:
    return gettext("Assessors have given points, so the criteria are locked.")


def is_readable(user: User | AnonymousUser, assessments: Any) -> Q:
    """The condition that an account may read the points and comments of an assessment.

    An assessor reads their own assessment, and the other assessments of the same application
    once all are submitted, but no declared conflict of interest. A lead assessor reads the
    assessments of all other applications.
    """
    if not (user.has_perm(ASSESS) or user.has_perm(LEAD_ASSESSMENT)):
        return Q(pk__in=[])
    by_others = ~is_closed(user, assessments)
    if not user.has_perm(LEAD_ASSESSMENT):
        own = assessments.filter(assessor=user.pk, project=OuterRef("project"))
        by_others &= Q(Exists(own)) & ~Q(declaration=Declaration.CONFLICT)
    return Q(assessor=user.pk) | by_others


def is_closed(user: User | AnonymousUser, assessments: Any) -> Q:
    """The condition that an assignment of an account hides the other points of a project.

    A conflict of interest hides the points for ever, an assignment until all are submitted.
    """
    waiting = assessments.waiting().filter(project=OuterRef("project"))
    own = assessments.filter(assessor=user.pk, project=OuterRef("project"))
    return Q(Exists(own.filter(Q(declaration=Declaration.CONFLICT) | Exists(waiting))))


class AssessmentQuerySet(models.QuerySet["Assessment"]):
    def possible(self) -> Self:
        """Without those that were not submitted before the account was deactivated."""
        return self.exclude(submitted_at=None, assessor__is_active=False)

    def counting(self) -> Self:
        """The possible assessments without a conflict of interest."""
        return self.possible().exclude(declaration=Declaration.CONFLICT)

    def waiting(self) -> Self:
        """The counting assessments that are not submitted."""
        return self.counting().filter(submitted_at__isnull=True)

    def to_do(self) -> Self:
        """The waiting assessments of applications that are still assessed."""
        return self.waiting().filter(project__status=ProjectStatus.ELIGIBLE)

    def listed_for(self, user: User | AnonymousUser) -> Self:
        """The assignments visible to an account: its own, or all for a lead assessor."""
        return self if user.has_perm(LEAD_ASSESSMENT) else self.filter(assessor=user.pk)

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """The assessments with points and comments that an account may read."""
        return self.filter(is_readable(user, Assessment.objects.all()))

    def are_visible_to(self, user: User | AnonymousUser) -> bool:
        """Whether an account may read all of these assessments."""
        visible = Assessment.objects.visible_to(user).values("pk")
        return not self.exclude(pk__in=visible).exists()


@constraints.of_fields
class Assessment(models.Model):
    """The assignment of an application to an assessor, and then the assessment.

    Never public. `AssessmentQuerySet.visible_to()` decides who may read an assessment.
    """

    # Protected, so that the history treats assessments as records of their own.
    project = models.ForeignKey(
        "Project",
        on_delete=models.PROTECT,
        related_name="assessments",
        verbose_name=_("application"),
    )
    assessor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="assessments",
        verbose_name=_("assessor"),
    )
    assigned_at = models.DateTimeField(_("assigned"), default=timezone.now, editable=False)
    declaration = models.CharField(
        _("declaration"), max_length=8, choices=Declaration.choices, default=Declaration.NOT_YET
    )
    conflict = models.CharField(_("conflict of interest"), max_length=500, blank=True)
    comment = models.TextField(_("overall comment"), max_length=5000, blank=True)
    recommendation = models.CharField(
        _("recommendation"),
        max_length=12,
        choices=Recommendation.choices,
        default=Recommendation.NOT_YET,
    )
    submitted_at = models.DateTimeField(_("submitted"), null=True, blank=True, editable=False)
    version = VersionField()

    objects = AssessmentQuerySet.as_manager()

    class Meta:
        ordering = ["project__reference", "pk"]
        verbose_name = _("assessment")
        verbose_name_plural = _("assessments")
        permissions = [
            ("assess_project", _("Can assess the applications assigned to it")),
            ("assign_assessor", _("Can lead the assessment of applications")),
        ]
        constraints = [
            models.UniqueConstraint(
                name="assessment_once_per_project_and_assessor",
                fields=["project", "assessor"],
                violation_error_message=_("This application is already assigned to this assessor."),
            ),
            models.CheckConstraint(
                name="assessment_conflict_is_in_words",
                condition=Q(declaration=Declaration.CONFLICT) & ~Q(conflict="")
                | ~Q(declaration=Declaration.CONFLICT) & Q(conflict=""),
                violation_error_message=_("Describe the conflict of interest."),
            ),
            models.CheckConstraint(
                name="assessment_submitted_is_complete",
                condition=Q(submitted_at__isnull=True)
                | Q(declaration=Declaration.NONE)
                & ~Q(recommendation=Recommendation.NOT_YET)
                & ~Q(comment=""),
                violation_error_message=_(
                    "A submitted assessment needs a recommendation and an overall comment, and no "
                    "conflict of interest."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{related_name(self, 'project')} – {related_name(self, 'assessor')}"

    def state(self) -> str:
        if self.submitted_at:
            return gettext("submitted")
        if self.declaration != Declaration.CONFLICT and not self.counts():
            return gettext("the account is not active, so another assessor is needed")
        if self.declaration == Declaration.NONE:
            return gettext("started")
        return str(self.get_declaration_display())

    def counts(self) -> bool:
        """The rule of `counting()` for a loaded assessment with its assessor."""
        is_possible = self.submitted_at is not None or self.assessor.is_active
        return is_possible and self.declaration != Declaration.CONFLICT

    def is_open(self) -> bool:
        return self.declaration == Declaration.NONE and self.submitted_at is None

    @staticmethod
    def undo_blocker(change: Change) -> UndoBlocker:
        return UndoBlocker(gettext("This belongs to an assessment. A lead assessor can reopen it."))


@constraints.of_fields
class Score(models.Model):
    """The points of an assessor for one criterion; None if not decided yet."""

    assessment = models.ForeignKey(
        Assessment, on_delete=models.CASCADE, related_name="scores", verbose_name=_("assessment")
    )
    criterion = models.ForeignKey(
        Criterion, on_delete=models.PROTECT, related_name="scores", verbose_name=_("criterion")
    )
    points = models.SmallIntegerField(_("points"), null=True, blank=True)
    comment = models.TextField(_("comment"), max_length=2000, blank=True)

    class Meta:
        ordering = ["assessment", "criterion__position", "criterion"]
        verbose_name = _("score")
        verbose_name_plural = _("scores")
        constraints = [
            models.UniqueConstraint(
                name="score_once_per_criterion",
                fields=["assessment", "criterion"],
                violation_error_message=_("This criterion already has points."),
            ),
            models.CheckConstraint(
                name="score_points_are_from_0_to_100",
                condition=Q(points__isnull=True) | Q(points__range=(0, BOUNDS[1])),
                violation_error_message=_("Points must be between 0 and 100."),
            ),
        ]

    def __str__(self) -> str:
        points = "–" if self.points is None else self.points
        return f"{related_name(self, 'criterion')}: {points}"

    def clean(self) -> None:
        if self.points is not None and self.points > self.criterion.maximum:
            raise ValidationError(
                {
                    "points": gettext("“%(criterion)s” has at most %(most)d points.")
                    % {"criterion": self.criterion, "most": self.criterion.maximum}
                }
            )

    undo_blocker = Assessment.undo_blocker


class ConsensusQuerySet(models.QuerySet["Consensus"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """The consensus records that an account may read, only for lead assessors."""
        allowed = self if user.has_perm(LEAD_ASSESSMENT) else self.none()
        return allowed.exclude(is_closed(user, Assessment.objects.all()))


@constraints.of_fields
class Consensus(models.Model):
    """The agreement of the assessors of an application.

    The ranking uses the agreed result, or the mean of the assessors without one. Never public.
    """

    project = models.OneToOneField(
        "Project", on_delete=models.PROTECT, related_name="consensus", verbose_name=_("application")
    )
    agreed_percent = percent_field(
        _("result agreed on"),
        help_text=_("Per cent of the maximum. Empty: the mean of the assessors counts."),
    )
    text = models.TextField(_("text of the agreement"), max_length=5000, blank=True)
    recommendation = models.CharField(
        _("recommendation"), max_length=12, choices=Recommendation.choices
    )
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="recorded_consensus",
        verbose_name=_("recorded by"),
    )
    recorded_at = models.DateTimeField(_("recorded"), default=timezone.now, editable=False)

    objects = ConsensusQuerySet.as_manager()

    class Meta:
        ordering = ["project__reference"]
        verbose_name = _("consensus")
        verbose_name_plural = _("consensus of assessors")
        constraints = [
            models.CheckConstraint(
                name="consensus_says_something",
                condition=Q(agreed_percent__isnull=False) | ~Q(text=""),
                violation_error_message=_("Give the agreed result, or describe the agreement."),
            ),
            models.CheckConstraint(
                name="consensus_agreed_percent_is_a_percentage",
                condition=Q(agreed_percent__isnull=True) | Q(agreed_percent__range=(0, 100)),
                violation_error_message=_("A percentage must be between 0 and 100."),
            ),
            models.CheckConstraint(
                name="consensus_recommends",
                condition=~Q(recommendation=Recommendation.NOT_YET),
                violation_error_message=_("A consensus needs a recommendation."),
            ),
        ]

    def __str__(self) -> str:
        return gettext("Consensus on %(project)s") % {"project": related_name(self, "project")}

    undo_blocker = Assessment.undo_blocker
