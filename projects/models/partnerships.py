"""The partners of a project, and the countries that its announcement named."""

from datetime import date, datetime
from typing import Any, NamedTuple, Self

from django.db import models
from django.db.models import Q
from django.utils.text import get_text_list
from django.utils.translation import gettext, gettext_lazy as _

from partners.models import Country, Partner
from projects.models.choices import Role
from projects.models.publication import is_public
from psf.database import constraints
from psf.database.fields import optional_day_field, related_name


class Disagreement(NamedTuple):
    """Countries, or their names, only in the headline, and those only in the partner list."""

    only_announced: list[Any]
    only_listed: list[Any]

    def in_words(self) -> str:
        """ "only in the headline: Estonia; only in the list of partners: Norway"."""
        parts = [
            (self.only_announced, gettext("only in the headline: %(countries)s")),
            (self.only_listed, gettext("only in the list of partners: %(countries)s")),
        ]
        return "; ".join(
            sentence % {"countries": get_text_list([str(row) for row in countries], gettext("and"))}
            for countries, sentence in parts
            if countries
        )


def disagreement_between(announced: list[Any], listed: list[Any]) -> Disagreement | None:
    """The different countries of headline and partner list; None without a difference.

    Also None without a published headline. Numbers use the partner list.
    """
    only_announced = [country for country in announced if country not in listed]
    only_listed = [country for country in listed if country not in announced]
    if announced and (only_announced or only_listed):
        return Disagreement(only_announced, only_listed)
    return None


class PartnershipQuerySet(models.QuerySet["Partnership"]):
    def public(self, at: datetime | None = None) -> Self:
        """The partnerships in projects that are public at a moment (`at`, or now)."""
        return self.filter(is_public(at, through="project__"))

    def leading(self) -> Self:
        return self.filter(role=Role.LEAD)

    def leading_for_country(self) -> Self:
        """The partnerships of lead partners that make a country lead, so not the CBSS."""
        return self.leading().filter(project__led_by_cbss=False)


@constraints.of_fields
class Partnership(models.Model):
    """The participation of an organisation in a project, for a country.

    Without `partner` only the country is known, as in some announcements.
    """

    project = models.ForeignKey(
        "Project", on_delete=models.CASCADE, related_name="partnerships", verbose_name=_("project")
    )
    partner = models.ForeignKey(
        Partner,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="partnerships",
        db_index=False,  # an index below begins with the organisation
        verbose_name=_("organisation"),
        help_text=_("Empty: only the country is known."),
    )
    country = models.ForeignKey(
        Country,
        on_delete=models.PROTECT,
        related_name="partnerships",
        db_index=False,  # an index below begins with the country
        verbose_name=_("country"),
        help_text=_("The country it represents. Its seat can be in another country."),
    )
    role = models.CharField(_("role"), max_length=7, choices=Role.choices, default=Role.PARTNER)
    position = models.PositiveSmallIntegerField(
        _("position"), default=1, help_text=_("Order in the published list.")
    )
    name_as_published = models.CharField(_("name as published"), max_length=300, blank=True)
    joined_on = optional_day_field(_("joined"), help_text=_("Empty: from the start."))
    left_on = optional_day_field(_("left"), help_text=_("Empty: to the end."))

    objects = PartnershipQuerySet.as_manager()

    class Meta:
        ordering = ["project", "role", "position", "pk"]  # "lead" sorts before "partner"
        verbose_name = _("partnership")
        verbose_name_plural = _("partnerships")
        # Facets of all partnerships are read from the first two indexes alone.
        indexes = [
            models.Index(
                fields=["country", "role", "project", "partner"], name="partnership_by_country"
            ),
            models.Index(fields=["partner", "role", "project"], name="partnership_by_partner"),
            models.Index(
                fields=["partner"], condition=Q(role=Role.LEAD), name="partnership_of_lead_partner"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                name="partnership_one_lead_per_project",
                fields=["project"],
                condition=Q(role=Role.LEAD),
                violation_error_message=_("The project already has a lead partner."),
            ),
            models.UniqueConstraint(
                name="partnership_once_per_project_and_day",
                fields=["project", "partner", "joined_on"],
                violation_error_message=_("This organisation already joined on that day."),
            ),
            models.UniqueConstraint(
                name="partnership_once_per_project_from_the_start",
                fields=["project", "partner"],
                condition=Q(joined_on__isnull=True),
                violation_error_message=_("This organisation is already in the project."),
            ),
            models.UniqueConstraint(
                name="partnership_stays_once_per_project",
                fields=["project", "partner"],
                condition=Q(left_on__isnull=True),
                violation_error_message=_(
                    "This organisation is already in the project. First enter when it left."
                ),
            ),
            models.UniqueConstraint(
                name="partnership_unnamed_once_per_country",
                fields=["project", "country"],
                condition=Q(partner__isnull=True),
                violation_error_message=_(
                    "The project already has this country without an organisation."
                ),
            ),
            constraints.in_order(
                "partnership", "joined_on", "left_on", _("A partner cannot leave before it joined.")
            ),
            constraints.FieldCheck(
                ["role", "left_on"],
                lambda role, left_on: role != Role.LEAD or not left_on,
                name="partnership_lead_stays",
                condition=~Q(role=Role.LEAD) | Q(left_on__isnull=True),
                violation_error_message=_(
                    "The lead partner cannot leave. Choose another one, or empty the last day."
                ),
            ),
        ]

    def __str__(self) -> str:
        partner = related_name(self, "partner") or related_name(self, "country")
        return f"{partner} – {related_name(self, 'project')}"

    def is_lead(self) -> bool:
        return self.role == Role.LEAD

    def takes_part_on(self, day: date) -> bool:
        """Whether the organisation is in the project on a day, including first and last day."""
        return (self.joined_on is None or self.joined_on <= day) and (
            self.left_on is None or day <= self.left_on
        )
