"""Calls, and the decisions of the committee on them."""

import re
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple, Self
from zoneinfo import ZoneInfo, available_timezones

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from partners.models.countries import number_of
from projects.models.choices import APPLICANT_KINDS, DecisionMode, Phase
from projects.models.priorities_and_topics import Priority, Topic
from projects.models.publication import Published, is_public, unpublished_has_reason
from psf.database import constraints
from psf.database.fields import (
    account_field,
    fact_day_field,
    optional_amount_field,
    optional_day_field,
    related_name,
)
from psf.database.record_version import VersionField
from psf.text.dates import KNOWN_DAYS, describe, precision_field
from psf.text.folding import FoldedField, words_of
from psf.text.slugs import slug_field, slug_url


class AnnouncedCounts(NamedTuple):
    """The announced numbers of applications; None if not published."""

    received: int | None
    eligible: int | None
    funded: int | None


class DecisionQuerySet(models.QuerySet["Decision"]):
    def public(self, at: datetime | None = None) -> Self:
        """The decisions that are public at a moment (`at`, or now)."""
        return self.filter(is_public(at))

    def unpublished(self, at: datetime | None = None) -> Self:
        """The decisions that were public before and are not public at a moment."""
        return self.filter(unpublished_at__isnull=False).exclude(is_public(at))


@constraints.of_fields
class Decision(Published):
    """The decision of a body on the applications of one call."""

    call = models.OneToOneField(
        "Call", on_delete=models.CASCADE, related_name="decision", verbose_name=_("call")
    )
    body = models.CharField(
        _("body"), max_length=200, blank=True, help_text=_("Such as Committee of Senior Officials.")
    )
    meeting = models.CharField(_("meeting"), max_length=200, blank=True)
    mode = models.CharField(
        _("mode"), max_length=10, choices=DecisionMode.choices, default=DecisionMode.UNKNOWN
    )
    decided_on = fact_day_field(_("decided"), help_text=_("Empty: not known."))
    announced_on = optional_day_field(_("announced"), help_text=_("Empty: not known."))
    reference = models.CharField(
        _("reference"), max_length=100, blank=True, help_text=_("Number of the document.")
    )
    prepared_by = account_field(_("prepared by"), editable=False)
    decided_by_two = models.BooleanField(
        _("drafted under “two people decide”"),
        null=True,
        editable=False,
        help_text=_("The rule of the call at the first draft. Empty: no draft yet."),
    )
    applied_by = account_field(_("applied by"), editable=False)
    applied_at = models.DateTimeField(_("applied"), null=True, blank=True, editable=False)

    objects = DecisionQuerySet.as_manager()

    class Meta:
        ordering = [F("call__closes_at").desc(nulls_first=True), "call__slug"]
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        constraints = [
            constraints.in_order(
                "decision",
                "decided_on",
                "announced_on",
                _("The announcement must not be before the decision."),
            ),
            unpublished_has_reason("decision"),
        ]

    def __str__(self) -> str:
        return str(_("Decision on %(call)s") % {"call": related_name(self, "call")})


CALL_CONSTRAINTS: list[models.BaseConstraint] = [
    models.CheckConstraint(
        name="call_closes_after_it_opens",
        condition=Q(opens_at__isnull=True)
        | Q(closes_at__isnull=True)
        | Q(closes_at__gt=F("opens_at")),
        violation_error_message=_("A call must close after it opens."),
    ),
    constraints.in_order(
        "call", "floor_eur", "ceiling_eur", _("The ceiling is below the lowest grant.")
    ),
    constraints.FieldCheck(
        ["ceiling_eur"],
        lambda ceiling: ceiling != 0,
        name="call_ceiling_eur_is_not_zero",
        condition=~Q(ceiling_eur=0),
        violation_error_message=_("A ceiling of 0 EUR allows no grant. Leave it empty if unknown."),
    ),
    constraints.FieldCheck(
        ["min_cofunding_percent"],
        lambda percent: percent is None or percent <= 100,
        name="call_min_cofunding_percent_is_a_percentage",
        condition=Q(min_cofunding_percent__isnull=True) | Q(min_cofunding_percent__lte=100),
        violation_error_message=_("A percentage must be between 0 and 100."),
    ),
    constraints.in_order(
        "call",
        "eligible_count",
        "received_count",
        _("There are more eligible applications than received applications."),
    ),
    constraints.in_order(
        "call",
        "funded_count",
        "eligible_count",
        _("There are more funded projects than eligible applications."),
    ),
    constraints.in_order(
        "call",
        "funded_count",
        "received_count",
        _("There are more funded projects than received applications."),
    ),
    constraints.filled("call", "title"),
    constraints.its_own(
        "call",
        "title",
        _("Another call has this title. Capital and small letters count as the same."),
    ),
    constraints.filled("call", "slug"),
    unpublished_has_reason("call"),
]


class CallQuerySet(models.QuerySet["Call"]):
    def public(self, at: datetime | None = None) -> Self:
        """The calls that are public at a moment (`at`, or now)."""
        return self.filter(published_at__lte=at or timezone.now())

    def unpublished(self, at: datetime | None = None) -> Self:
        """The calls that were public before and are not public at a moment."""
        return self.filter(unpublished_at__isnull=False).exclude(pk__in=self.public(at))

    def announced(self, at: datetime | None = None) -> Self:
        """The calls with public results at a moment (`at`, or now)."""
        return self.filter(decision__in=Decision.objects.public(at))

    def published_before_closing(self) -> Self:
        """The calls that were not over when they became public here."""
        return self.filter(Q(closes_at=None) | Q(published_at__lt=F("closes_at")))

    def in_phase(self, phase: str, at: datetime | None = None) -> Self:
        """The calls in a phase at a moment (`at`, or now)."""
        at = at or timezone.now()
        decided = Exists(Decision.objects.public(at).filter(call=OuterRef("pk")))
        closed = Q(closes_at__isnull=False, closes_at__lte=at)
        opened = Q(opens_at__isnull=False, opens_at__lte=at)
        entered_closed = Q(published_at__gte=F("closes_at"))
        entered_in_time = Q(published_at__isnull=True) | Q(published_at__lt=F("closes_at"))
        condition = {
            Phase.DECIDED: Q(decided),
            Phase.CLOSED: ~Q(decided) & closed & entered_closed,
            Phase.IN_ASSESSMENT: ~Q(decided) & closed & entered_in_time,
            Phase.OPEN: ~Q(decided) & ~closed & opened,
            Phase.COMING: ~Q(decided) & ~closed & ~opened,
        }
        return self.filter(condition[Phase(phase)])

    def with_form(self, at: datetime | None = None) -> Self:
        """The public calls that offer an application form: not yet closed, and with questions."""
        calls = self.public(at)
        waiting = calls.in_phase(Phase.COMING, at) | calls.in_phase(Phase.OPEN, at)
        return waiting.filter(questions__isnull=False).distinct()

    def found_by(self, text: str) -> Self:
        """The calls with every word of the text in title or summary."""
        calls = self
        for word in words_of(text):
            calls = calls.filter(folded__contains=word)
        return calls

    def for_list(self) -> Self:
        """All data of a public row, with the number of public projects."""
        projects: Any = self.model._meta.get_field("projects").related_model
        number = number_of("pk", projects.objects.public(), by="call", each_once=True)
        return self.with_priorities().annotate(number_of_projects=number)

    def with_priorities(self) -> Self:
        """The data of a public row without the number of projects."""
        return self.with_own_form().select_related("decision").prefetch_related("priorities")

    def with_own_form(self) -> Self:
        """Say of each call whether it has an application workbook of its own."""
        questions: Any = self.model._meta.get_field("questions").related_model
        own_questions = Exists(questions.objects.filter(call=OuterRef("pk")))
        return self.annotate(has_questions=own_questions)

    def for_page(self) -> Self:
        """All data of the call on its public page."""
        return self.for_list().prefetch_related("topics", "sources")


# Python looks through the folders of all time zones each time.
time_zones = cache(available_timezones)


def validate_time_zone(name: str) -> None:
    if name not in time_zones():
        raise ValidationError(_("Enter a time zone such as Europe/Stockholm."))


def validate_kinds(codes: str) -> None:
    if wrong := set(codes.split()).difference(APPLICANT_KINDS):
        raise ValidationError(_("“%(kind)s” is no kind of organisation.") % {"kind": min(wrong)})


def _announced_number(name: Any) -> models.PositiveIntegerField:
    return models.PositiveIntegerField(
        name, null=True, blank=True, help_text=_("Empty: not published.")
    )


@constraints.of_fields
class Call(Published):
    """An invitation to apply for funding, with its own rules.

    A call is open from `opens_at` until just before `closes_at`. The announced numbers are
    quoted from publications and never computed; None means not published.
    """

    title = models.CharField(_("title"), max_length=200, help_text=_("Such as PSF 2019."))
    slug = slug_field()
    summary = models.CharField(
        _("summary"), max_length=500, blank=True, help_text=_("One or two sentences for lists.")
    )
    description = models.TextField(_("description"), max_length=20000, blank=True)
    priorities = models.ManyToManyField(
        Priority, blank=True, related_name="calls", verbose_name=_("priorities")
    )
    topics = models.ManyToManyField(
        Topic, blank=True, related_name="calls", verbose_name=_("topics")
    )

    how_to_apply = models.TextField(
        _("how to apply"),
        max_length=2000,
        blank=True,
        help_text=_("Where and in what form to send an application, for readers."),
    )
    applicant_kinds = models.CharField(
        _("who may apply"),
        max_length=200,
        blank=True,
        validators=[validate_kinds],
        help_text=_("The kinds of organisations that may take part. None: not limited."),
    )
    contact = models.CharField(
        _("whom to ask"),
        max_length=200,
        blank=True,
        help_text=_("A function with its address, such as PSF team, psf@example.org. No person."),
    )
    guidelines_url = models.URLField(
        _("guidelines for applicants"),
        max_length=500,
        blank=True,
        help_text=_("The address of the document."),
    )
    application_form_url = models.URLField(
        _("application form"),
        max_length=500,
        blank=True,
        help_text=_("The address of the document."),
    )

    opens_at = models.DateTimeField(
        _("opens"), null=True, blank=True, help_text=_("Empty: not known.")
    )
    opens_precision = precision_field(_("precision of the opening"), is_time=True)
    closes_at = models.DateTimeField(
        _("closes"),
        null=True,
        blank=True,
        help_text=_("Applications must arrive before this time. Empty: not known."),
    )
    closes_precision = precision_field(_("precision of the closing"), is_time=True)
    time_zone = models.CharField(
        _("time zone"),
        max_length=50,
        default="Europe/Stockholm",
        validators=[validate_time_zone],
        help_text=_("You enter the opening and closing in this zone, and readers see this zone."),
    )
    eligibility_expected = models.CharField(
        _("eligibility expected"),
        max_length=50,
        blank=True,
        help_text=_("When applicants hear whether they are eligible, such as February 2027."),
    )
    decision_expected = models.CharField(
        _("decision expected"),
        max_length=50,
        blank=True,
        help_text=_("Such as April 2027. Readers see it until the decision. Empty: not known."),
    )

    floor_eur = optional_amount_field(_("lowest grant"))
    ceiling_eur = optional_amount_field(
        _("ceiling of a grant"), help_text=_("EUR. The highest possible grant for one project.")
    )
    budget_eur = optional_amount_field(
        _("budget"), help_text=_("EUR. The total of all grants of the call.")
    )
    min_cofunding_percent = models.PositiveSmallIntegerField(
        _("minimum co-funding"), null=True, blank=True, help_text=_("Per cent of the total budget.")
    )
    min_member_states = models.PositiveSmallIntegerField(
        _("minimum number of member states"),
        null=True,
        blank=True,
        help_text=_("Member states of the CBSS among the partners, including the lead partner's."),
    )
    lead_from_member_state = models.BooleanField(
        _("the lead partner is from a member state"),
        default=False,
        help_text=_("Only an organisation from a member state of the CBSS can lead."),
    )
    max_months = models.PositiveSmallIntegerField(
        _("longest duration"), null=True, blank=True, help_text=_("Months.")
    )

    assessors_needed = models.PositiveSmallIntegerField(
        _("assessors needed"),
        default=2,
        help_text=_("Number of assessors for each eligible application. 0: no assessment here."),
    )
    assessments_due_on = optional_day_field(
        _("assessments due"),
        help_text=_("The last day for assessors to submit. Empty: no deadline."),
    )
    is_anonymised = models.BooleanField(
        _("anonymised"),
        default=False,
        help_text=_("Assessors see applications without the names of organisations."),
    )

    received_count = _announced_number(_("applications received"))
    eligible_count = _announced_number(_("applications eligible"))
    funded_count = _announced_number(_("projects funded"))
    decided_by_two = models.BooleanField(
        _("two people decide"),
        default=False,
        help_text=_("The person who prepared the decision cannot apply it. A second person must."),
    )
    letterhead = models.CharField(
        _("letterhead"),
        max_length=500,
        blank=True,
        default="Council of the Baltic Sea States\nProject Support Facility",
        help_text=_("The lines at the top of each letter. Empty: the paper has its own."),
    )
    signatory = models.CharField(
        _("signatory"),
        max_length=500,
        blank=True,
        default="The Secretariat of the Council of the Baltic Sea States",
        help_text=_("Who signs the letters: {signatory} in their texts."),
    )
    internal_note = models.TextField(
        _("internal note"), max_length=5000, blank=True, help_text=_("Never shown to readers.")
    )
    version = VersionField()
    folded = FoldedField(of=["title", "summary"])

    has_questions = False  # `with_own_form()` says it for a loaded call

    objects = CallQuerySet.as_manager()

    class Meta:
        ordering = [F("closes_at").desc(nulls_first=True), "slug"]
        verbose_name = _("call")
        verbose_name_plural = _("calls")
        permissions = [("publish_call", _("Can publish calls and their results"))]
        constraints = CALL_CONSTRAINTS

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return slug_url("projects:call-detail", self.slug)

    def offers_workbook(self) -> bool:
        """Whether readers of this public call get its workbook: until it closes.

        The call comes from `with_own_form()`.
        """
        return self.has_questions and self.phase() in {Phase.COMING, Phase.OPEN}

    def form_address(self) -> str:
        """The address of the application form: of the own workbook, or as entered; "" for none."""
        if self.offers_workbook():
            return slug_url("projects:application-form", self.slug)
        return self.application_form_url

    def recorded_decision(self) -> Decision | None:
        """The decision, public or not; None if none is recorded."""
        return getattr(self, "decision", None)

    def public_decision(self, at: datetime | None = None) -> Decision | None:
        """The decision if it is public, otherwise None."""
        decision = self.recorded_decision()
        return decision if decision and decision.is_public(at) else None

    def was_closed_when_published(self) -> bool:
        """Whether the call was over when it became public here, as calls of earlier years were."""
        return bool(self.closes_at and self.published_at and self.published_at >= self.closes_at)

    def announced_counts(self, at: datetime | None = None) -> AnnouncedCounts:
        """The announced numbers, all None before the decision is public."""
        if self.public_decision(at) is None:
            return AnnouncedCounts(None, None, None)
        return AnnouncedCounts(self.received_count, self.eligible_count, self.funded_count)

    def phase(self, at: datetime | None = None) -> Phase:
        """The rule of `CallQuerySet.in_phase()` for a loaded call."""
        at = at or timezone.now()
        if self.public_decision(at):
            return Phase.DECIDED
        if self.closes_at and self.closes_at <= at:
            return Phase.CLOSED if self.was_closed_when_published() else Phase.IN_ASSESSMENT
        if self.opens_at and self.opens_at <= at:
            return Phase.OPEN
        return Phase.COMING

    def awaits_result(self) -> bool:
        """Whether the call has no public result yet, and a result is expected."""
        return self.phase() in {Phase.COMING, Phase.OPEN, Phase.IN_ASSESSMENT}

    def closing_day(self) -> date | None:
        """The closing day in the time zone of the call; None if not known."""
        return self.day_of(self.closes_at) if self.closes_at else None

    def closing_year(self) -> int | None:
        """The year of the closing day, for lists and figures; None if not known."""
        day = self.closing_day()
        return day.year if day else None

    def years(self) -> str:
        """The years at the end of the title, such as "2013–2016", else the closing year."""
        years = re.search(r"\d{4}([–-]\d{4})?$", self.title)
        return years[0] if years else str(self.closing_year() or "")

    def day_of(self, moment: datetime) -> date:
        """The day of a moment in the time zone of the call."""
        return moment.astimezone(ZoneInfo(self.time_zone)).date()

    def opens(self) -> str:
        """The opening in words, in the time zone of the call; "" if not known."""
        return self._describe(self.opens_at, self.opens_precision)

    def closes(self) -> str:
        """The closing in words, in the time zone of the call; "" if not known."""
        return self._describe(self.closes_at, self.closes_precision)

    def days_left(self, at: datetime | None = None) -> int | None:
        """The days until the closing day, in the time zone of the call; None if it is not known."""
        if self.closes_at is None or self.closes_precision not in KNOWN_DAYS:
            return None
        return (self.day_of(self.closes_at) - self.day_of(at or timezone.now())).days

    def _describe(self, moment: datetime | None, precision: str) -> str:
        return describe(moment.astimezone(ZoneInfo(self.time_zone)), precision) if moment else ""
