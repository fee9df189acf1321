from datetime import datetime

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from partners.models import Country
from projects.models import constraints as limits
from projects.models.publication import Published
from psf.database.record_version import VersionField
from psf.text.dates import DAY_PRECISIONS, Precision, describe_period
from psf.text.urls import slug_url
from psf.text.validators import language_tag

from .calls import Call
from .choices import AmountKind, ProjectStatus
from .disagreements import Disagreement, disagreement_between
from .partnerships import Partnership
from .querysets import ProjectQuerySet
from .terms import Priority, Topic


class Project(Published):
    """An application and, once funded, the project that came of it.

    The partner list is what facets, counts and maps use. What an announcement's headline
    said stands beside it in `as_published` and `announced_countries`, never corrected.
    """

    call = models.ForeignKey(
        Call, on_delete=models.PROTECT, related_name="projects", verbose_name=_("call")
    )
    reference = models.CharField(
        _("reference"),
        max_length=30,
        unique=True,
        validators=[
            RegexValidator(
                r"^[A-Za-z0-9][A-Za-z0-9./-]*\Z",
                _("Use letters, digits, full stops, slashes and hyphens only."),
            )
        ],
        help_text=_("Such as PSF-2019-01."),
    )
    slug = models.SlugField(
        _("address"),
        max_length=100,
        unique=True,
        help_text=_("The last part of the page's address. It never changes."),
    )
    title = models.CharField(_("title"), max_length=300)
    title_language = models.CharField(
        _("language of the title"),
        max_length=35,
        default="en",
        validators=[language_tag],
        help_text=_("Language code, such as en or lv: screen readers pronounce the title by it."),
    )
    acronym = models.CharField(_("acronym"), max_length=50, blank=True)
    summary = models.CharField(
        _("summary"),
        max_length=500,
        blank=True,
        help_text=_("One or two sentences for lists."),
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
        _("status"),
        max_length=12,
        choices=ProjectStatus.choices,
        default=ProjectStatus.SUBMITTED,
    )

    starts_on = models.DateField(
        _("starts"), null=True, blank=True, help_text=_("Empty: not known.")
    )
    starts_precision = models.CharField(
        _("what is known of the start"),
        max_length=6,
        choices=DAY_PRECISIONS,
        default=Precision.DAY,
    )
    ends_on = models.DateField(
        _("ends"), null=True, blank=True, help_text=_("The last day. Empty: not known.")
    )
    ends_precision = models.CharField(
        _("what is known of the end"),
        max_length=6,
        choices=DAY_PRECISIONS,
        default=Precision.DAY,
    )

    requested_eur = models.DecimalField(
        _("amount requested"),
        max_digits=12,
        decimal_places=2,
        null=True,
        blank=True,
        help_text=_("EUR. Never shown to readers."),
    )
    amount_eur = models.DecimalField(
        _("amount"),
        max_digits=12,
        decimal_places=2,
        null=True,
        blank=True,
        help_text="EUR",
    )
    amount_kind = models.CharField(
        _("kind of amount"),
        max_length=13,
        choices=AmountKind.choices,
        default=AmountKind.NOT_PUBLISHED,
        help_text=_("“Up to 65 000 EUR” is a ceiling, not an award."),
    )
    total_budget_eur = models.DecimalField(
        _("total budget"),
        max_digits=12,
        decimal_places=2,
        null=True,
        blank=True,
        help_text=_("EUR, the partners' own part included. Empty: not published."),
    )

    activity_countries = models.ManyToManyField(
        Country,
        blank=True,
        related_name="activities",
        verbose_name=_("places of activity"),
        help_text=_("Where the work is done, which need not be where the partners are."),
    )
    announced_countries = models.ManyToManyField(
        Country,
        blank=True,
        related_name="announced_in",
        verbose_name=_("countries as announced"),
        help_text=_("The countries that the headline names, the lead partner's included."),
    )
    as_published = models.TextField(
        _("headline as published"),
        max_length=2000,
        blank=True,
        help_text=_("Word for word, mistakes included."),
    )
    disagreement_explained = models.CharField(
        _("why headline and list disagree"),
        max_length=500,
        blank=True,
        help_text=_(
            "One sentence, such as: Estonia withdrew before signing. Shown to readers beside the "
            "disagreement, which then waits for nobody any more."
        ),
    )
    internal_note = models.TextField(
        _("internal note"),
        max_length=5000,
        blank=True,
        help_text=_("Never shown to readers."),
    )
    unpublished_with_results = models.BooleanField(
        _("taken back with the results"), default=False, editable=False
    )
    changed_at = models.DateTimeField(_("last changed"), auto_now=True)
    version = VersionField()

    objects = ProjectQuerySet.as_manager()

    class Meta:
        ordering = [F("call__closes_at").desc(nulls_first=True), "reference"]
        verbose_name = _("project")
        verbose_name_plural = _("projects")
        permissions = [
            ("publish_project", _("Can publish projects and take them back")),
            ("check_project", _("Can check applications: eligible, not eligible, withdrawn")),
            ("decide_project", _("Can decide on applications and their awards")),
            ("follow_project", _("Can follow projects after the award")),
        ]
        indexes = [
            models.Index(fields=["starts_on"], name="project_starts_on"),
            # Whether a project is public, and its amount, without reading its long texts.
            models.Index(
                fields=["call", "published_at", "amount_kind", "amount_eur"],
                name="project_for_sums",
            ),
        ]
        constraints = limits.PROJECT

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return slug_url("projects:project-detail", self.slug)

    def is_public(self, at: datetime | None = None) -> bool:
        """The same rule as `ProjectQuerySet.public()`, for a project already in hand."""
        at = at or timezone.now()
        return self.published_at is not None and self.published_at <= at and self.call.is_public(at)

    def period(self) -> str:
        """Its time in words, such as "September 2019 to November 2020"; "" when not known."""
        return describe_period(
            self.starts_on, self.starts_precision, self.ends_on, self.ends_precision
        )

    def lead(self) -> Partnership | None:
        """The lead partner's part, from the partnerships already loaded."""
        return next((row for row in self.partnerships.all() if row.is_lead()), None)

    def others(self) -> list[Partnership]:
        """The parts of the partners that do not lead, from the partnerships already loaded."""
        return [row for row in self.partnerships.all() if not row.is_lead()]

    def countries(self) -> list[Country]:
        """The countries of the partner list, the lead's first, each once."""
        return list({row.country_id: row.country for row in self.partnerships.all()}.values())

    def disagreement(self) -> Disagreement | None:
        """Where headline and partner list name other countries; None if they agree."""
        return disagreement_between(list(self.announced_countries.all()), self.countries())
