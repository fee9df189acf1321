from datetime import date
from typing import Any, Self

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Count, Exists, IntegerField, OuterRef, Prefetch, Q, Subquery
from django.db.models.functions import Coalesce
from django.db.models.lookups import IsNull
from django.utils.translation import gettext_lazy as _

from psf.database import constraints
from psf.database.prepared import Moment
from psf.database.record_version import VersionField
from psf.text.dates import DAY_PRECISIONS, Precision, describe_period
from psf.text.folding import FoldedField, fold, words_of
from psf.text.urls import slug_url


def all_partnerships() -> Any:
    """Who takes part in what. Asked of the registry: this app never imports `projects`."""
    return apps.get_model("projects", "Partnership").objects.all()


def public_parts(at: Moment = None) -> Any:
    """What readers may see of that, as narrow rows: country, partner, seat and kind, who leads."""
    return apps.get_model("projects", "ListedPart").objects.public(at)


def public_listings(at: Moment = None) -> Any:
    """The projects that readers may see, as narrow rows in the order of lists."""
    return apps.get_model("projects", "Listing").objects.public(at)


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


class MembershipStatus(models.TextChoices):
    MEMBER = "member", _("member")
    OBSERVER = "observer", _("observer")
    SUSPENDED = "suspended", _("suspended")
    FORMER = "former", _("former member")


class CountryQuerySet(models.QuerySet["Country"]):
    def public(self) -> Self:
        """The countries with a page: a standing in the CBSS, or a part in a public project.

        Also those where an organisation of one sits that takes part for another country.
        """
        return self.filter(
            Exists(Membership.objects.filter(country=OuterRef("pk")))
            | Q(any_of(public_parts().for_countries(), "country", ["call", "since"]))
            | Q(any_of(public_parts(), "seat", ["since"]))
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
        public = public_parts()
        return self.annotate(
            number_of_projects=number_of(
                "project", public.for_countries(), by="country", each_once=True
            ),
            number_led=number_of("project", public.leading(), by="country"),
            number_of_partners=number_of("partner", public, by="seat"),
        )

    def with_memberships(self) -> Self:
        """All that `standing_on()` and `history()` need, in one more query."""
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

    def standing_on(self, day: date) -> "Membership | None":
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


class MembershipQuerySet(models.QuerySet["Membership"]):
    def on(self, day: date) -> Self:
        """The rows that hold on that day; an unknown end or beginning does not limit."""
        return self.filter(
            Q(valid_from__isnull=True) | Q(valid_from__lte=day),
            Q(valid_to__isnull=True) | Q(valid_to__gte=day),
        )


class Membership(models.Model):
    """What a country, or the European Union, was in the CBSS from one day to another.

    Both days are included. One standing follows another: periods do not overlap.
    """

    country = models.ForeignKey(
        Country,
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
        help_text=_("Only for a member that is no country: the European Union."),
    )
    status = models.CharField(_("status"), max_length=10, choices=MembershipStatus.choices)
    valid_from = models.DateField(
        _("from"), null=True, blank=True, help_text=_("Empty: not known since when.")
    )
    from_precision = models.CharField(
        _("what is known of the beginning"),
        max_length=6,
        choices=DAY_PRECISIONS,
        default=Precision.DAY,
    )
    valid_to = models.DateField(
        _("to"),
        null=True,
        blank=True,
        help_text=_("The last day. Empty: it still holds."),
    )
    source = models.CharField(_("source"), max_length=500, help_text=_("Where this is said."))
    version = VersionField()

    objects = MembershipQuerySet.as_manager()

    class Meta:
        ordering = ["country__name", "valid_from", "pk"]
        verbose_name = _("membership of the CBSS")
        verbose_name_plural = _("memberships of the CBSS")
        constraints = [
            models.CheckConstraint(
                name="membership_is_of_a_country_or_an_organisation",
                condition=Q(country__isnull=False, organisation="")
                | Q(country__isnull=True) & ~Q(organisation=""),
                violation_error_message=_("Name a country or an organisation, not both."),
            ),
            constraints.in_order(
                "membership",
                "valid_from",
                "valid_to",
                _("A membership ends after it begins."),
            ),
            models.UniqueConstraint(
                name="membership_begins_once",
                fields=["country", "valid_from"],
                violation_error_message=_("The country already has a row from that day."),
            ),
            models.UniqueConstraint(
                name="membership_begins_once_unknown",
                fields=["country"],
                condition=Q(valid_from__isnull=True),
                violation_error_message=_("The country already has a row without a beginning."),
            ),
            constraints.known("membership", "status", MembershipStatus.choices),
            constraints.known("membership", "from_precision", DAY_PRECISIONS),
            constraints.at_most("membership", "organisation", 100),
            constraints.at_most("membership", "source", 500),
        ]

    def __str__(self) -> str:
        return f"{self.country or self.organisation}: {self.get_status_display()}"

    def clean(self) -> None:
        """No two standings at once, which no constraint on both databases can say."""
        same = Membership.objects.filter(country=self.country, organisation=self.organisation)
        if self.valid_from:
            same = same.exclude(valid_to__lt=self.valid_from)
        if self.valid_to:
            same = same.exclude(valid_from__gt=self.valid_to)
        if same.exclude(pk=self.pk).exists():
            raise ValidationError(_("The time overlaps that of another row: end that one first."))

    def holds_on(self, day: date) -> bool:
        """The same rule as `MembershipQuerySet.on()`, for a row already in hand."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_to is None or day <= self.valid_to
        )

    def period(self) -> str:
        """Its time in words, such as "1992 to 2 March 2022"; "" when nothing is known."""
        return describe_period(self.valid_from, self.from_precision, self.valid_to, Precision.DAY)
