"""Projects, their querysets, and the sums of their amounts by kind."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple, Self

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Count, F, Max, Min, Prefetch, Q, Sum
from django.utils.translation import gettext, gettext_lazy as _

from partners.models import Country
from projects.models.calls import Call
from projects.models.choices import (
    AWARDS,
    FUNDED_STATUSES,
    KINDS_WITHOUT_AWARD,
    AmountKind,
    ProjectStatus,
)
from projects.models.partnerships import (
    Disagreement,
    Partnership,
    PartnershipQuerySet,
    disagreement_between,
)
from projects.models.priorities_and_topics import Priority, Topic
from projects.models.publication import Published, is_public, unpublished_has_reason
from projects.search import PROJECTS
from psf.database import constraints
from psf.database.fields import (
    fact_day_field,
    optional_amount_field,
    optional_day_field,
    rows_of,
)
from psf.database.record_version import VersionField
from psf.search.ranking import Searched
from psf.text.dates import describe_period, precision_field, years_of_period
from psf.text.slugs import slug_field, slug_url
from psf.text.validators import language_tag

# The kinds of amounts that are added.
SUMS = [AmountKind.CEILING, AmountKind.AWARDED, AmountKind.FINAL, AmountKind.RETURNED]


class Money(NamedTuple):
    """The amounts of one kind: number of projects, sum, lowest and highest amount (EUR).

    For `not_published` only `count` has a value.
    """

    kind: str
    count: int  # type: ignore[assignment]  # a tuple has a method of that name
    total: Decimal | None
    least: Decimal | None
    greatest: Decimal | None


PROJECT_CONSTRAINTS: list[models.BaseConstraint] = [
    constraints.in_order(
        "project", "starts_on", "ends_on", _("The end must not be before the start.")
    ),
    constraints.FieldCheck(
        ["received_time", "received_on"],
        lambda time, day: time is None or day is not None,
        name="project_time_of_receipt_has_a_day",
        condition=Q(received_time__isnull=True) | Q(received_on__isnull=False),
        violation_error_message=_("Enter the day of receipt too."),
    ),
    constraints.FieldCheck(
        ["amount_eur", "amount_kind"],
        lambda amount, kind: (amount is None) == (kind == AmountKind.NOT_PUBLISHED),
        name="project_amount_has_a_kind",
        condition=Q(amount_eur__isnull=True, amount_kind=AmountKind.NOT_PUBLISHED)
        | Q(amount_eur__isnull=False) & ~Q(amount_kind=AmountKind.NOT_PUBLISHED),
        violation_error_message=_(
            "An amount needs a kind (ceiling, awarded, final, returned). "
            "Without an amount the kind must be “not published”."
        ),
    ),
    constraints.FieldCheck(
        ["amount_eur", "amount_kind"],
        lambda amount, kind: kind != AmountKind.CEILING or amount != 0,
        name="project_ceiling_is_not_zero",
        condition=~Q(amount_kind=AmountKind.CEILING, amount_eur=0),
        violation_error_message=_("A ceiling of 0 EUR is no grant. Leave an unknown amount empty."),
    ),
    constraints.FieldCheck(
        ["amount_kind", "status"],
        lambda kind, status: kind in KINDS_WITHOUT_AWARD or status in FUNDED_STATUSES,
        name="project_award_is_of_a_funded_project",
        condition=Q(amount_kind__in=KINDS_WITHOUT_AWARD) | Q(status__in=FUNDED_STATUSES),
        violation_error_message=_(
            "Only a funded project can have an award. A ceiling is not an award."
        ),
    ),
    constraints.FieldCheck(
        ["published_at", "status"],
        lambda published_at, status: not published_at or status in FUNDED_STATUSES,
        name="project_public_is_funded",
        condition=Q(published_at__isnull=True) | Q(status__in=FUNDED_STATUSES),
        violation_error_message=_(
            "This project is public or scheduled, so it must stay funded. "
            "Unpublish the project first."
        ),
    ),
    unpublished_has_reason("project"),
    constraints.FieldCheck(
        ["unpublished_with_results", "unpublished_at"],
        lambda with_results, unpublished_at: not with_results or bool(unpublished_at),
        name="project_unpublished_with_results_is_unpublished",
        condition=Q(unpublished_with_results=False) | Q(unpublished_at__isnull=False),
        violation_error_message=_("Give a reason for unpublishing the record."),
    ),
    constraints.its_own(
        "project",
        "reference",
        _("Another project has this reference. Capital and small letters count as the same."),
    ),
    constraints.filled("project", "reference"),
    constraints.filled("project", "slug"),
    constraints.filled("project", "title"),
]

# Long columns that lists do not show.
LONG_TEXTS = ["description", "story", "as_published", "internal_note"]
LONG_TEXTS += [f"call__{name}" for name in ["summary", "description", "internal_note", "folded"]]


def parts_in_lists() -> PartnershipQuerySet:
    """The partnerships with the columns of a row of a list."""
    parts: PartnershipQuerySet = Partnership.objects.select_related("partner", "country")
    names = ["partner__name", "partner__name_language", "country__name", "name_as_published"]
    return parts.only("project", "role", "position", "joined_on", "left_on", *names)


class ProjectQuerySet(Searched, models.QuerySet["Project"]):
    index = PROJECTS

    def public(self, at: datetime | None = None) -> Self:
        """The projects that are public at a moment (`at`, or now)."""
        return self.filter(is_public(at))

    def unpublished(self, at: datetime | None = None) -> Self:
        """The projects that were public before and are not public at a moment."""
        return self.filter(unpublished_at__isnull=False).exclude(is_public(at))

    def for_list(self) -> Self:
        """All data of a row, in a fixed number of queries."""
        return (
            self.select_related("call")
            .defer(*LONG_TEXTS)
            .prefetch_related(Prefetch("partnerships", queryset=parts_in_lists()))
        )

    def for_staff_list(self) -> Self:
        """All data of a row for staff, with the lead partner in `leads`."""
        leads = Prefetch("partnerships", queryset=parts_in_lists().leading(), to_attr="leads")
        return self.select_related("call").defer(*LONG_TEXTS).prefetch_related(leads)

    def for_page(self) -> Self:
        """All data of the page of a project, and of the checks before publication."""
        parts = Partnership.objects.select_related("partner__country", "country")
        return self.select_related("call__decision").prefetch_related(
            "sources",
            Prefetch("partnerships", queryset=parts),
            "partnerships__country__memberships",
        )

    def with_partners(self) -> Self:
        """The partnerships with their organisations.

        A prefetch of "partnerships__partner" fails on SQLite from 1 000 organisations.
        """
        parts = Partnership.objects.select_related("partner")
        return self.prefetch_related(Prefetch("partnerships", queryset=parts))

    def for_rules(self) -> Self:
        """The data that the rules of the call check."""
        partnerships = Partnership.objects.select_related("country", "partner").prefetch_related(
            "country__memberships"
        )
        return self.select_related("call").prefetch_related(
            "evidence", "waivers", Prefetch("partnerships", queryset=partnerships)
        )

    def money(self) -> list[Money]:
        """The sums of amounts, one entry per kind."""
        # Joins would repeat rows.
        projects = self.model._default_manager.filter(pk__in=self.values("pk")).order_by()
        return _in_order(projects.values_list("amount_kind").annotate(**TOTALS))

    def money_by(self, field: str) -> dict[Any, list[Money]]:
        """The sums of amounts by the values of a field. A project counts once for each value."""
        rows = defaultdict[Any, list[tuple[Any, ...]]](list)
        for value, *sums in self.order_by().values_list(field, "amount_kind").annotate(**TOTALS):
            rows[value].append(tuple(sums))
        return {value: _in_order(sums) for value, sums in rows.items()}


CENT = Decimal("0.01")  # SQLite adds amounts as floating-point numbers
TOTALS = {
    "count": Count("pk"),
    "total": Sum("amount_eur"),
    "least": Min("amount_eur"),
    "greatest": Max("amount_eur"),
}


def _in_order(rows: Iterable[tuple[Any, ...]]) -> list[Money]:
    """The sums in the order of the kinds of amounts."""
    by_kind = {
        kind: Money(
            kind, count, *(None if amount is None else amount.quantize(CENT) for amount in amounts)
        )
        for kind, count, *amounts in rows
    }
    return [by_kind[kind] for kind in AmountKind if kind in by_kind]


@constraints.of_fields
class Project(Published):
    """An application and, once funded, the project.

    Facets, counts and maps use the partner list. `as_published` and `announced_countries` quote
    the headline of the announcement and are never corrected.
    """

    call = models.ForeignKey(
        Call,
        on_delete=models.PROTECT,
        related_name="projects",
        verbose_name=_("call"),
        db_index=False,  # an index below begins with the call
    )
    reference = models.CharField(
        _("reference"),
        max_length=30,
        validators=[
            RegexValidator(
                r"^[A-Za-z0-9][A-Za-z0-9./-]*\Z",
                _("Use letters, digits, full stops, slashes and hyphens only."),
            )
        ],
        help_text=_("Such as PSF-2019-01."),
    )
    slug = slug_field()
    title = models.CharField(_("title"), max_length=300)
    title_language = models.CharField(
        _("language of the title"),
        max_length=35,
        default="en",
        validators=[language_tag],
        help_text=_("Language code for screen readers, such as en or lv."),
    )
    acronym = models.CharField(_("acronym"), max_length=50, blank=True)
    summary = models.CharField(
        _("summary"), max_length=500, blank=True, help_text=_("One or two sentences for lists.")
    )
    description = models.TextField(_("description"), max_length=20000, blank=True)
    website = models.URLField(_("website"), max_length=300, blank=True)
    story = models.TextField(
        _("what came of it"),
        max_length=1500,
        blank=True,
        help_text=_(
            "A short story for readers: what changed, for whom, what is still used, what did not "
            "work, and what comes next. It is public with the project."
        ),
    )
    priorities = models.ManyToManyField(
        Priority, blank=True, related_name="projects", verbose_name=_("priorities")
    )
    topics = models.ManyToManyField(
        Topic, blank=True, related_name="projects", verbose_name=_("topics")
    )
    status = models.CharField(
        _("status"), max_length=12, choices=ProjectStatus.choices, default=ProjectStatus.SUBMITTED
    )

    led_by_cbss = models.BooleanField(
        _("led by the secretariat of the CBSS"),
        default=False,
        help_text=_("The secretariat counts for no country. No country then leads the project."),
    )
    received_on = fact_day_field(
        _("received"), help_text=_("The day of receipt of the application. Never shown to readers.")
    )
    received_time = models.TimeField(
        _("time of receipt"),
        null=True,
        blank=True,
        help_text=_("In the time zone of the call. Empty: not known."),
    )
    starts_on = optional_day_field(_("starts"), help_text=_("Empty: not known."))
    starts_precision = precision_field(_("precision of the start"))
    ends_on = optional_day_field(_("ends"), help_text=_("The last day. Empty: not known."))
    ends_precision = precision_field(_("precision of the end"))

    requested_eur = optional_amount_field(
        _("amount requested"), help_text=_("EUR. Never shown to readers.")
    )
    amount_eur = optional_amount_field(_("amount"))
    amount_kind = models.CharField(
        _("kind of amount"),
        max_length=13,
        choices=AmountKind.choices,
        default=AmountKind.NOT_PUBLISHED,
        help_text=_("“Up to 65 000 EUR” is a ceiling, not an award."),
    )
    total_budget_eur = optional_amount_field(
        _("total budget"),
        help_text=_("EUR, including the share of the partners. Empty: not published."),
    )

    activity_countries = models.ManyToManyField(
        Country,
        blank=True,
        related_name="activities",
        verbose_name=_("places of activity"),
        help_text=_("Where the work is done. This can differ from the countries of the partners."),
    )
    announced_countries = models.ManyToManyField(
        Country,
        blank=True,
        related_name="announced_in",
        verbose_name=_("countries as announced"),
        help_text=_("The countries in the headline, including the lead partner's country."),
    )
    as_published = models.TextField(
        _("headline as published"),
        max_length=2000,
        blank=True,
        help_text=_("Word for word, mistakes included."),
    )
    disagreement_explained = models.CharField(
        _("why headline and list differ"),
        max_length=500,
        blank=True,
        help_text=_(
            "One sentence, such as: Estonia withdrew before signing. Readers see it beside the "
            "difference. The work list then drops the difference."
        ),
    )
    internal_note = models.TextField(
        _("internal note"), max_length=5000, blank=True, help_text=_("Never shown to readers.")
    )
    unpublished_with_results = models.BooleanField(
        _("unpublished with the results"), default=False, editable=False
    )
    changed_at = models.DateTimeField(
        _("last public change before the import of all data"), null=True, editable=False
    )
    version = VersionField()

    objects = ProjectQuerySet.as_manager()

    class Meta:
        ordering = [F("call__closes_at").desc(nulls_first=True), "reference"]
        verbose_name = _("project")
        verbose_name_plural = _("projects")
        permissions = [
            ("publish_project", _("Can publish and unpublish projects")),
            ("check_project", _("Can check applications: eligible, not eligible, withdrawn")),
            ("decide_project", _("Can decide on applications and their awards")),
            ("manage_awards", _("Can manage awards")),
        ]
        indexes = [
            # The order of the list of staff and of the work list.
            models.Index(fields=["reference"], name="project_reference"),
            models.Index(fields=["starts_on"], name="project_starts_on"),
            # Projects that ended without completion, or end soon.
            models.Index(fields=["ends_on", "status"], name="project_ends_on"),
            # The newest publications, which the moments of the calls decide too.
            models.Index(fields=["published_at", "call"], name="project_newest"),
            models.Index(
                fields=["unpublished_at"],
                condition=Q(unpublished_at__isnull=False),
                name="project_withdrawn",
            ),
            # Publication of the projects of thousands of partnerships, in the order of keys.
            models.Index(
                fields=["id", "call", "published_at", "status"], name="project_publication"
            ),
            # Facets, amounts and order of all projects without reading their long texts.
            models.Index(
                fields=[
                    "call",
                    "status",
                    "published_at",
                    "amount_kind",
                    "amount_eur",
                    "reference",
                    "id",
                ],
                name="project_in_lists",
            ),
        ]
        constraints = PROJECT_CONSTRAINTS

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        if self.call_id is not None and (error := self.funding_error()):
            raise ValidationError(error)

    def confirmed_award(self) -> Decimal | None:
        """The award (EUR) that a second person confirmed; None without one."""
        line = getattr(self, "decision_line", None)
        return line.award_eur if line and line.is_confirmed else None

    def funding_error(self) -> str:
        """Why the status and the amount need a second person; "" if they do not.

        Only calls with the rule “two people decide” need one.
        """
        if not self.call.decided_by_two or self.status not in FUNDED_STATUSES:
            return ""
        award = self.confirmed_award()
        if award is None:
            return gettext(
                "“%(call)s” requires two people to fund a project. Record an application. One "
                "person prepares the decision on it, and a second person applies the decision."
            ) % {"call": self.call}
        if self.amount_kind not in AWARDS or (self.amount_eur or 0) > award:
            return gettext(
                "Two people decided on an award. Neither more money nor another kind of amount "
                "replaces it. Reverse the decision, and decide on the new amount."
            )
        return ""

    def get_absolute_url(self) -> str:
        return slug_url("projects:project-detail", self.slug)

    def period(self) -> str:
        """The period in words, such as "September 2019 to November 2020"; "" if not known."""
        return describe_period(
            self.starts_on, self.starts_precision, self.ends_on, self.ends_precision
        )

    def years(self) -> str:
        """The years of the period, such as "2019–2020" or "until 2020"; "" if not known."""
        return years_of_period(self.starts_on, self.ends_on)

    def lead(self) -> Partnership | None:
        """The partnership of the lead partner, from the loaded partnerships."""
        return next((row for row in rows_of(self, "partnerships") if row.is_lead()), None)

    def others(self) -> list[Partnership]:
        """The partnerships of the other partners, from the loaded partnerships."""
        return [row for row in rows_of(self, "partnerships") if not row.is_lead()]

    def countries(self) -> list[Country]:
        """The countries of the partner list without repetition, the lead partner's first."""
        return list({row.country_id: row.country for row in rows_of(self, "partnerships")}.values())

    def lead_country(self) -> Country | None:
        """The country that leads, from the loaded partnerships; None if the CBSS leads."""
        lead = self.lead()
        return lead.country if lead and not self.led_by_cbss else None

    def other_countries(self) -> list[Country]:
        """The countries of the partner list without the country that leads."""
        lead = self.lead_country()
        return [row for row in self.countries() if row != lead]

    def first_prolongation(self) -> Any:
        """The first amendment that prolonged the project, from the loaded ones; None without."""
        prolongations = [row for row in rows_of(self, "amendments") if row.is_in_effect()]
        return min(prolongations, key=lambda row: row.pk, default=None)

    def disagreement(self) -> Disagreement | None:
        """The different countries of headline and partner list; None without a difference."""
        return disagreement_between(rows_of(self, "announced_countries"), self.countries())
