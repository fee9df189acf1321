"""Organisations and their names."""

from datetime import datetime
from typing import Self

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Prefetch, Q
from django.utils.translation import gettext_lazy as _

from partners.models.countries import Country, NameKind, PartnerKind, number_of
from partners.participation import participation
from partners.search import PARTNERS
from psf.database import constraints
from psf.database.fields import optional_day_field
from psf.database.record_version import VersionField
from psf.search.ranking import Searched
from psf.text.dates import Precision, describe_period
from psf.text.folding import FoldedField
from psf.text.slugs import slug_field, slug_url
from psf.text.validators import language_tag


class PartnerQuerySet(Searched, models.QuerySet["Partner"]):
    index = PARTNERS

    def public(self, at: datetime | None = None) -> Self:
        """The organisations in a public project at a moment (default: now)."""
        return self.filter(
            Exists(participation().public_participations(at).filter(partner=OuterRef("pk")))
        )

    def leading(self) -> Self:
        """The lead partners of projects, public or not."""
        return self.filter(
            Exists(participation().partnerships().leading().filter(partner=OuterRef("pk")))
        )

    def for_list(self) -> Self:
        """Add what a public row shows: the country, and the numbers of public projects.

        Ordered by folded name: the order is the same on every database.
        """
        public = participation().public_participations()
        number = number_of("project", public, by="partner")
        return self.with_number_led().annotate(number_of_projects=number)

    def with_number_led(self) -> Self:
        """Add what `for_list()` adds, except the number of projects."""
        led = participation().public_participations().leading()
        # A project has one lead.
        number = number_of("project", led, by="partner", each_once=True)
        return self.annotate(number_led=number).select_related("country").order_by("folded", "slug")

    def for_staff_list(self) -> Self:
        """Add what a row shows to staff: the country, and the numbers of all projects."""
        everything = participation().partnerships()
        return self.select_related("country").annotate(
            number_of_all_projects=number_of("project", everything, by="partner"),
            number_of_all_led=number_of("project", everything.leading(), by="partner"),
        )

    def for_page(self) -> Self:
        """Load what the public page of an organisation shows, except projects."""
        public = Partner.objects.public().order_by("folded", "slug")
        return self.for_list().prefetch_related(
            "names",
            *(
                Prefetch(relation, queryset=public)  # None if readers must not see it
                for relation in ("parent", "units", "successor", "predecessors")
            ),
        )


@constraints.of_fields
class Partner(models.Model):
    """An organisation in projects; not an account.

    `name` is the name to show. Every other current or former name is a `PartnerName`.
    """

    name = models.CharField(
        _("name"), max_length=300, help_text=_("The name to show, in English where there is one.")
    )
    name_language = models.CharField(
        _("language of the name"),
        max_length=35,
        default="en",
        blank=True,
        validators=[language_tag],
        help_text=_(
            "Language code, such as en or lv, for screen readers. Empty if the language is unknown."
        ),
    )
    slug = slug_field()
    country = models.ForeignKey(
        Country,
        on_delete=models.PROTECT,
        related_name="partners",
        verbose_name=_("country"),
        help_text=_("Where the organisation is based."),
    )
    kind = models.CharField(_("kind"), max_length=20, choices=PartnerKind.choices)
    city = models.CharField(_("city"), max_length=100, blank=True)
    website = models.URLField(_("website"), max_length=300, blank=True)
    registry_number = models.CharField(
        _("registry number"),
        max_length=40,
        blank=True,
        validators=[
            RegexValidator(
                r"^[0-9A-Z]+\Z", _("Use digits and capital letters only, without spaces and signs.")
            )
        ],
        help_text=_("In the register of its country, without spaces and signs. Shown to readers."),
    )
    parent = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="units",
        db_index=False,  # a partial index is below
        verbose_name=_("part of"),
        help_text=_("The organisation to which this unit belongs, such as a university."),
    )
    successor = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="predecessors",
        db_index=False,  # a partial index is below
        verbose_name=_("successor"),
        help_text=_("The organisation that this one became or joined."),
    )
    succeeded_on = optional_day_field(_("day of succession"))
    internal_note = models.TextField(
        _("internal note"), max_length=5000, blank=True, help_text=_("Never shown to readers.")
    )
    version = VersionField()
    folded = FoldedField(of=["name"])

    # The numbers from `for_list()` and `for_staff_list()`.
    number_of_projects: int
    number_led: int
    number_of_all_projects: int
    number_of_all_led: int

    objects = PartnerQuerySet.as_manager()

    class Meta:
        ordering = ["name", "slug"]
        indexes = [
            models.Index(fields=["folded", "slug", "id"], name="partner_in_order"),
            # Finds the first of thousands of keys without reading their rows.
            models.Index(fields=["id", "folded", "slug"], name="partner_order_of_keys"),
            # Seats and kinds of all organisations, and the projects of each kind.
            models.Index(fields=["kind", "country", "id"], name="partner_by_kind"),
            models.Index(fields=["country", "folded"], name="partner_by_country"),
            models.Index(
                fields=["country", "registry_number"],
                condition=~Q(registry_number=""),
                name="partner_in_register",
            ),
            # Partial: SQLite does not use an index in which almost all values are empty.
            models.Index(
                fields=["parent"], name="partner_units", condition=Q(parent__isnull=False)
            ),
            models.Index(
                fields=["successor"],
                name="partner_predecessors",
                condition=Q(successor__isnull=False),
            ),
        ]
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        permissions = [("merge_partner", _("Can merge organisations and undo it"))]
        constraints = [
            models.CheckConstraint(
                name="partner_is_not_its_own_parent",
                condition=Q(parent__isnull=True) | ~Q(parent=F("pk")),
                violation_error_message=_("An organisation cannot be part of itself."),
            ),
            models.CheckConstraint(
                name="partner_is_not_its_own_successor",
                condition=Q(successor__isnull=True) | ~Q(successor=F("pk")),
                violation_error_message=_("An organisation cannot be its own successor."),
            ),
            models.CheckConstraint(
                name="partner_succession_has_a_successor",
                condition=Q(succeeded_on__isnull=True) | Q(successor__isnull=False),
                violation_error_message=_("Enter the successor, or remove the day of succession."),
            ),
            constraints.filled("partner", "name"),
            constraints.filled("partner", "slug"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return slug_url("partners:partner-detail", self.slug)

    def clean(self) -> None:
        """Refuse circles of parents or successors: no constraint can find circles."""
        sentences = {
            "parent": _(
                "“%(name)s” is already part of this organisation, directly or through others."
            ),
            "successor": _(
                "“%(name)s” already became this organisation, directly or through others."
            ),
        }
        errors = {
            field: sentence % {"name": getattr(self, field)}
            for field, sentence in sentences.items()
            if self._is_circular(field)
        }
        if errors:
            raise ValidationError(errors)

    def _is_circular(self, field: str) -> bool:
        """Whether links of the field lead back to the organisation, in two steps or more."""
        key = getattr(self, f"{field}_id")
        if key == self.pk:  # a constraint has its own sentence for one step
            return False
        visited = {None}
        while key not in visited:
            if key == self.pk:
                return True
            visited.add(key)
            rows = Partner.objects.filter(pk=key)
            key = rows.values_list(f"{field}_id", flat=True).first()
        return False


@constraints.of_fields
class PartnerName(models.Model):
    """Another name of an organisation: in another language, a former name, as published.

    Readers see the name with its language. Every search for organisations finds it.
    """

    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="names")
    text = models.CharField(_("name"), max_length=300)
    language = models.CharField(
        _("language"),
        max_length=35,
        blank=True,
        validators=[language_tag],
        help_text=_("Language code, such as fi. Empty if unknown or if the name mixes languages."),
    )
    kind = models.CharField(_("kind"), max_length=12, choices=NameKind.choices)
    valid_from = optional_day_field(_("from"))
    valid_to = optional_day_field(_("to"))
    source = models.CharField(
        _("source"),
        max_length=500,
        blank=True,
        help_text=_("Where the name is used. Shown to readers."),
    )
    folded = FoldedField(of=["text"])

    class Meta:
        ordering = ["partner", "kind", "language", "text"]
        verbose_name = _("other name")
        verbose_name_plural = _("other names")
        constraints = [
            models.UniqueConstraint(
                name="partnername_once_per_kind_and_language",
                fields=["partner", "text", "kind", "language"],
                violation_error_message=_("The organisation already has this name."),
            ),
            constraints.in_order(
                "partnername",
                "valid_from",
                "valid_to",
                _("The use of a name cannot end before it starts."),
            ),
        ]

    def __str__(self) -> str:
        return self.text

    def period(self) -> str:
        """The days of its use in words; "" if none is known."""
        return describe_period(self.valid_from, Precision.DAY, self.valid_to, Precision.DAY)


class LeadPartnerQuerySet(PartnerQuerySet):
    def public(self, at: datetime | None = None) -> Self:
        return self.filter(
            Exists(
                participation().public_participations(at).leading().filter(partner=OuterRef("pk"))
            )
        )


class LeadPartnerManager(models.Manager.from_queryset(LeadPartnerQuerySet)):  # type: ignore[misc]
    def get_queryset(self) -> LeadPartnerQuerySet:
        return super().get_queryset().leading()


class LeadPartner(Partner):
    """An organisation as lead of a project; the same record as the `Partner`."""

    objects = LeadPartnerManager()  # type: ignore[misc]

    class Meta:
        proxy = True
        verbose_name = _("lead partner")
        verbose_name_plural = _("lead partners")
