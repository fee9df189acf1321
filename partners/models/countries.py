from datetime import date
from typing import Self

from django.db import models
from django.db.models import Count, Exists, IntegerField, OuterRef, Prefetch, Q, Subquery
from django.db.models.functions import Coalesce
from django.db.models.lookups import IsNull
from django.utils.translation import gettext_lazy as _

from partners.models.memberships import Membership, MembershipStatus
from partners.participation import participation
from psf.database import constraints
from psf.database.record_version import VersionField
from psf.text.folding import FoldedField, fold, words_of
from psf.text.urls import slug_url


def number_of(what: str, rows: models.QuerySet, by: str, *, each_once: bool = False) -> Coalesce:
    """How many distinct `what` those rows hold whose `by` is the outer row.

    `each_once` says that no two of these rows hold the same one: counting them is quicker.
    """
    counted = rows.filter(**{by: OuterRef("pk")}).order_by().values(by)
    counted = counted.annotate(number=Count(what, distinct=not each_once)).values("number")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def any_of(rows: models.QuerySet, by: str, order: list[str]) -> IsNull:
    """Whether there is one of the rows whose `by` is the outer row, looked for in that order.

    The order is that of an index. `Exists` has none, and PostgreSQL then reads the whole table
    for each country that has no such row.
    """
    first = rows.filter(**{by: OuterRef("pk")}).order_by(*order).values("pk")[:1]
    return IsNull(Subquery(first), False)


class CountryQuerySet(models.QuerySet["Country"]):
    def public(self) -> Self:
        """The countries with a page: a standing in the CBSS, or a part in a public project.

        Also those where an organisation of one sits that takes part for another country.
        """
        return self.filter(
            Exists(Membership.objects.filter(country=OuterRef("pk")))
            | Q(
                any_of(
                    participation().public_participations().for_countries(),
                    "country",
                    ["call", "since"],
                )
            )
            | Q(any_of(participation().public_participations(), "seat", ["since"]))
        )

    def members_on(self, day: date) -> Self:
        """The member states on that day. The European Union is no country, so never here."""
        members = Membership.objects.on(day).filter(status=MembershipStatus.MEMBER)
        return self.filter(Exists(members.filter(country=OuterRef("pk"))))

    def named(self, text: str) -> Self:
        """The country of which this is a name, in any tongue, now or formerly, or the code."""
        folded = fold(text)
        names = CountryName.objects.filter(country=OuterRef("pk"), folded=folded)
        return self.filter(Q(code=folded.upper()) | Exists(names))

    def found_by(self, text: str) -> Self:
        """The countries in whose names, in any tongue, every word of the text occurs."""
        found = self
        for word in words_of(text):
            names = CountryName.objects.filter(country=OuterRef("pk"), folded__contains=word)
            found = found.filter(Q(code=word.upper()) | Exists(names))
        return found

    def for_list(self) -> Self:
        """All that a public row shows: its public projects and its organisations in them."""
        public = participation().public_participations()
        return self.annotate(
            number_of_projects=number_of(
                "project", public.for_countries(), by="country", each_once=True
            ),
            number_led=number_of("project", public.leading(), by="country"),
            number_of_partners=number_of("partner", public, by="seat"),
        )

    def with_memberships(self) -> Self:
        """All that `membership_on()` and `history()` need, in one more query."""
        return self.prefetch_related(
            Prefetch("memberships", queryset=Membership.objects.order_by("valid_from", "pk"))
        )

    def for_page(self) -> Self:
        """All that a public page shows of a country itself: its numbers and its standing."""
        return self.for_list().with_memberships()


class Country(models.Model):
    """A country of ISO 3166-1. Its page has the address of its code: /countries/lv/."""

    code = models.CharField(
        _("code"),
        max_length=2,
        primary_key=True,
        help_text=_("ISO 3166-1 alpha-2, such as LV."),
    )
    name = models.CharField(_("name"), max_length=100, unique=True, help_text=_("In English."))
    slug = models.SlugField(_("address"), max_length=2, unique=True)
    version = VersionField()

    # What `for_list()` counts.
    number_of_projects: int
    number_led: int
    number_of_partners: int

    objects = CountryQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        verbose_name = _("country")
        verbose_name_plural = _("countries")
        constraints = [
            constraints.at_most("country", "code", 2),
            constraints.filled("country", "name"),
            constraints.at_most("country", "name", 100),
            constraints.filled("country", "slug"),
            constraints.at_most("country", "slug", 2),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return slug_url("partners:country-detail", self.slug)

    def membership_on(self, day: date) -> Membership | None:
        """The row that holds on that day, from what `with_memberships()` loaded."""
        return next((row for row in self.memberships.all() if row.holds_on(day)), None)

    def was_member_on(self, day: date) -> bool:
        """The same rule as `CountryQuerySet.members_on()`, for a country already in hand."""
        return any(
            row.status == MembershipStatus.MEMBER and row.holds_on(day)
            for row in self.memberships.all()
        )


class CountryName(models.Model):
    """A name under which a country is found: in a language of the region, or an older one."""

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
            ),
            constraints.at_most("countryname", "text", 100),
            constraints.at_most("countryname", "language", 35),
        ]

    def __str__(self) -> str:
        return self.text
