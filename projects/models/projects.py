from decimal import Decimal

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext, gettext_lazy as _

from partners.models import Country
from projects.models.project_constraints import PROJECT_CONSTRAINTS
from projects.models.publication import Published
from psf.database import constraints
from psf.database.fields import fact_day_field, optional_amount_field, optional_day_field
from psf.database.record_version import VersionField
from psf.text.dates import describe_period, precision_field
from psf.text.slugs import slug_field
from psf.text.urls import slug_url
from psf.text.validators import language_tag

from .announced_countries import Disagreement, disagreement_between
from .calls import Call
from .choices import AWARDS, FUNDED_STATUSES, AmountKind, ProjectStatus
from .partnerships import Partnership
from .priorities_and_topics import Priority, Topic
from .project_querysets import ProjectQuerySet


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
    priorities = models.ManyToManyField(
        Priority, blank=True, related_name="projects", verbose_name=_("priorities")
    )
    topics = models.ManyToManyField(
        Topic, blank=True, related_name="projects", verbose_name=_("topics")
    )
    status = models.CharField(
        _("status"), max_length=12, choices=ProjectStatus.choices, default=ProjectStatus.SUBMITTED
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
    changed_at = models.DateTimeField(_("last changed"), auto_now=True)
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
            ("follow_project", _("Can manage awards")),
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

    def lead(self) -> Partnership | None:
        """The partnership of the lead partner, from the loaded partnerships."""
        return next((row for row in self.partnerships.all() if row.is_lead()), None)

    def others(self) -> list[Partnership]:
        """The partnerships of the other partners, from the loaded partnerships."""
        return [row for row in self.partnerships.all() if not row.is_lead()]

    def countries(self) -> list[Country]:
        """The countries of the partner list without repetition, the lead partner's first."""
        return list({row.country_id: row.country for row in self.partnerships.all()}.values())

    def other_countries(self) -> list[Country]:
        """The countries of the partner list without the country of the lead partner."""
        lead = self.lead()
        return [row for row in self.countries() if not lead or row.pk != lead.country_id]

    def disagreement(self) -> Disagreement | None:
        """The different countries of headline and partner list; None without a difference."""
        return disagreement_between(list(self.announced_countries.all()), self.countries())
