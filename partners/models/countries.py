"""Countries and their memberships."""

from datetime import date, datetime
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Prefetch,
    Q,
    Subquery,
    When,
)
from django.db.models.functions import Coalesce
from django.db.models.lookups import IsNull
from django.utils.translation import gettext_lazy as _

from partners.participation import participation
from psf.database import constraints
from psf.database.fields import optional_day_field, related_name
from psf.database.record_version import VersionField
from psf.text.dates import Precision, describe_period, precision_field
from psf.text.folding import FoldedField, fold, words_of
from psf.text.slugs import slug_url


class PartnerKind(models.TextChoices):
    MINISTRY = "ministry", _("ministry")
    AGENCY = "agency", _("agency")
    MUNICIPALITY = "municipality", _("municipality")
    EMERGENCY_SERVICE = "emergency_service", _("emergency service")
    UNIVERSITY = "university", _("university or research")
    NGO = "ngo", _("non-governmental organisation")
    INTERNATIONAL = "international", _("international organisation")
    COMPANY = "company", _("company")
    OTHER = "other", _("other")
    UNKNOWN = "unknown", _("kind not known")


class NameKind(models.TextChoices):
    OFFICIAL = "official", _("official")
    ENGLISH = "english", _("English")
    ABBREVIATION = "abbreviation", _("abbreviation")
    FORMER = "former", _("former")
    AS_PUBLISHED = "as_published", _("as published")


class MembershipStatus(models.TextChoices):
    MEMBER = "member", _("member")
    OBSERVER = "observer", _("observer")
    SUSPENDED = "suspended", _("suspended")
    FORMER = "former", _("former member")


def number_of(what: str, rows: models.QuerySet, by: str, *, each_once: bool = False) -> Coalesce:
    """The number of distinct values of `what` in the rows whose `by` is the outer row.

    With `each_once` the values must be distinct already: counting is faster.
    """
    groups = rows.filter(**{by: OuterRef("pk")}).order_by().values(by)
    numbers = groups.annotate(number=Count(what, distinct=not each_once)).values("number")
    return Coalesce(Subquery(numbers, output_field=IntegerField()), 0)


def any_of(rows: models.QuerySet, by: str, order: list[str]) -> IsNull:
    """Whether a row exists whose `by` is the outer row, searched in the order of an index.

    `Exists` has no order: PostgreSQL would read the whole table for each country without a row.
    """
    first = rows.filter(**{by: OuterRef("pk")}).order_by(*order).values("pk")[:1]
    return IsNull(Subquery(first), False)


class CountryQuerySet(models.QuerySet["Country"]):
    def public(self, at: datetime | None = None) -> Self:
        """The countries with a public page at a moment: with a membership or a public project.

        Also the countries in which an organisation of a public project is based.
        """
        public = participation().public_participations(at)
        return self.filter(
            Exists(Membership.objects.filter(country=OuterRef("pk")))
            | Q(any_of(public, "country", ["role", "project_id"]))
            | Q(any_of(public, "partner__country", ["partner__folded"]))
        )

    def members_on(self, day: date) -> Self:
        """The member states on a day, without the European Union."""
        members = Membership.objects.on(day).filter(status=MembershipStatus.MEMBER)
        return self.filter(Exists(members.filter(country=OuterRef("pk"))))

    def named(self, text: str) -> Self:
        """The country with the code or name; current and former names in any language count."""
        folded = fold(text)
        names = CountryName.objects.filter(country=OuterRef("pk"), folded=folded)
        return self.filter(Q(code=folded.upper()) | Exists(names))

    def found_by(self, text: str) -> Self:
        """The countries whose code or names, in any language, contain every word of the text."""
        countries = self
        for word in words_of(text):
            names = CountryName.objects.filter(country=OuterRef("pk"), folded__contains=word)
            countries = countries.filter(Q(code=word.upper()) | Exists(names))
        return countries

    def best_first(self, text: str) -> Self:
        """The country with the code, then names that begin with the text, then the others.

        In each group, countries that are or were member states come first.
        """
        folded = fold(text)
        beginnings = CountryName.objects.filter(country=OuterRef("pk"), folded__startswith=folded)
        members = Membership.objects.filter(country=OuterRef("pk"), status=MembershipStatus.MEMBER)
        rank = Case(
            When(code=folded.upper(), then=0),
            When(Exists(beginnings), then=1),
            default=2,
            output_field=IntegerField(),
        )
        return self.order_by(rank, Exists(members).desc(), "name")

    def for_list(self) -> Self:
        """Add the numbers of a public row: projects, projects led, named organisations.

        `has_unnamed` is true if a partner for the country is not named.
        """
        public = participation().public_participations()
        return self.annotate(
            number_of_projects=number_of("project", public, by="country"),
            number_led=number_of(
                "project", public.leading_for_country(), by="country", each_once=True
            ),
            number_of_partners=number_of("partner", public, by="partner__country"),
            has_unnamed=any_of(public.filter(partner=None), "country", ["role", "project_id"]),
        )

    def with_memberships(self) -> Self:
        """Load the memberships for `membership_on()` with one more query."""
        return self.prefetch_related(
            Prefetch("memberships", queryset=Membership.objects.order_by(*BY_START))
        )

    def for_staff_list(self) -> Self:
        """Add what a row shows to staff: the memberships, and the number of all organisations."""
        number = Count("partners", distinct=True)
        return self.with_memberships().annotate(number_of_all_partners=number)

    def for_page(self) -> Self:
        """Load what a public page shows: numbers and memberships."""
        return self.for_list().with_memberships()


@constraints.of_fields
class Country(models.Model):
    """A country of ISO 3166-1. The code is the address of the page: /countries/lv/."""

    code = models.CharField(
        _("code"), max_length=2, primary_key=True, help_text=_("ISO 3166-1 alpha-2, such as LV.")
    )
    name = models.CharField(_("name"), max_length=100, unique=True, help_text=_("In English."))
    slug = models.SlugField(_("address"), max_length=2, unique=True)
    version = VersionField()

    # The numbers from `for_list()` and `for_staff_list()`.
    number_of_projects: int
    number_led: int
    number_of_partners: int
    has_unnamed: bool
    number_of_all_partners: int

    objects = CountryQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        verbose_name = _("country")
        verbose_name_plural = _("countries")
        constraints = [constraints.filled("country", "name"), constraints.filled("country", "slug")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return slug_url("partners:country-detail", self.slug)

    def named_partners(self) -> int | None:
        """The number of named organisations from `for_list()`; None if no partner is named."""
        return None if self.has_unnamed and not self.number_of_partners else self.number_of_partners

    def membership_on(self, day: date) -> "Membership | None":
        """The membership on a day. `with_memberships()` must have loaded the memberships."""
        return next((row for row in self.memberships.all() if row.holds_on(day)), None)

    def was_member_on(self, day: date) -> bool:
        """The same rule as `CountryQuerySet.members_on()`, for a loaded country."""
        return any(
            row.status == MembershipStatus.MEMBER and row.holds_on(day)
            for row in self.memberships.all()
        )


@constraints.of_fields
class CountryName(models.Model):
    """A name by which a country is found: in a language of the region, or a former name."""

    country = models.ForeignKey(Country, on_delete=models.CASCADE, related_name="names")
    text = models.CharField(_("name"), max_length=100)
    language = models.CharField(
        _("language"), max_length=35, blank=True, help_text=_("Language code, such as fi.")
    )
    folded = FoldedField(of=["text"])

    class Meta:
        ordering = ["country", "language", "text"]
        verbose_name = _("name of a country")
        verbose_name_plural = _("names of countries")
        constraints = [
            models.UniqueConstraint(
                name="countryname_once_per_language",
                fields=["country", "language", "text"],
                violation_error_message=_("The country already has this name."),
            )
        ]

    def __str__(self) -> str:
        return self.text


# An unknown start is the earliest.
BY_START: list[Any] = [F("valid_from").asc(nulls_first=True), "pk"]


class MembershipQuerySet(models.QuerySet["Membership"]):
    def on(self, day: date) -> Self:
        """The memberships on a day; an unknown start or end is no limit."""
        return self.filter(
            Q(valid_from__isnull=True) | Q(valid_from__lte=day),
            Q(valid_to__isnull=True) | Q(valid_to__gte=day),
        )


@constraints.of_fields
class Membership(models.Model):
    """The status of a country, or of the European Union, in the CBSS during a period.

    The period includes both days. Periods of one country do not overlap.
    """

    country = models.ForeignKey(
        "partners.Country",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="memberships",
        verbose_name=_("country"),
    )
    organisation = models.CharField(
        _("organisation"),
        max_length=100,
        blank=True,
        help_text=_("Only for a member that is not a country: the European Union."),
    )
    status = models.CharField(_("status"), max_length=10, choices=MembershipStatus.choices)
    valid_from = optional_day_field(_("from"), help_text=_("Empty if unknown."))
    from_precision = precision_field(_("precision of the start"))
    valid_to = optional_day_field(
        _("to"), help_text=_("The last day. Empty if the membership continues.")
    )
    source = models.CharField(
        _("source"), max_length=500, help_text=_("Where this information comes from.")
    )
    version = VersionField()

    objects = MembershipQuerySet.as_manager()

    class Meta:
        ordering = [F("country__name").asc(nulls_last=True), *BY_START]
        verbose_name = _("membership of the CBSS")
        verbose_name_plural = _("memberships of the CBSS")
        constraints = [
            models.CheckConstraint(
                name="membership_is_of_a_country_or_an_organisation",
                condition=Q(country__isnull=False, organisation="")
                | Q(country__isnull=True) & ~Q(organisation=""),
                violation_error_message=_("Enter a country or an organisation, not both."),
            ),
            constraints.in_order(
                "membership",
                "valid_from",
                "valid_to",
                _("A membership cannot end before it starts."),
            ),
            models.UniqueConstraint(
                name="membership_begins_once",
                fields=["country", "valid_from"],
                violation_error_message=_("The country already has a membership from that day."),
            ),
            models.UniqueConstraint(
                name="membership_begins_once_unknown",
                fields=["country"],
                condition=Q(valid_from__isnull=True),
                violation_error_message=_("The country already has a membership without a start."),
            ),
        ]

    def __str__(self) -> str:
        member = related_name(self, "country") or self.organisation
        return f"{member}: {self.get_status_display()}"

    def clean(self) -> None:
        """Refuse overlapping periods: SQLite has no constraint for periods."""
        overlapping = Membership.objects.filter(
            country=self.country, organisation=self.organisation
        )
        if self.valid_from:
            overlapping = overlapping.exclude(valid_to__lt=self.valid_from)
        if self.valid_to:
            overlapping = overlapping.exclude(valid_from__gt=self.valid_to)
        if overlapping.exclude(pk=self.pk).exists():
            raise ValidationError(
                _("The period overlaps another membership: end that membership first.")
            )

    def holds_on(self, day: date) -> bool:
        """The same rule as `MembershipQuerySet.on()`, for a loaded row."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_to is None or day <= self.valid_to
        )

    def period(self) -> str:
        """The period in words, such as "1992 to 2 March 2022"; "" if nothing is known."""
        return describe_period(self.valid_from, self.from_precision, self.valid_to, Precision.DAY)
