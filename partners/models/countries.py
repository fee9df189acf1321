from datetime import date, datetime
from typing import Self

from django.db import models
from django.db.models import (
    Case,
    Count,
    Exists,
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

from partners.models.choices import MembershipStatus
from partners.models.memberships import BY_START, Membership
from partners.participation import participation
from psf.database import constraints
from psf.database.record_version import VersionField
from psf.text.folding import FoldedField, fold, words_of
from psf.text.slugs import slug_url


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
            | Q(any_of(public, "partner__country", ["partner__match_words"]))
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

    def membership_on(self, day: date) -> Membership | None:
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
