"""Conditions of public and announced calls and of phases, and the data that pages load."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from partners.models.countries import number_of
from psf.text.folding import words_of

from .choices import Phase
from .decisions import Decision

if TYPE_CHECKING:
    from .calls import Call  # noqa: F401  # named by the type of the queryset


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
        return self.select_related("decision").prefetch_related("priorities")

    def for_page(self) -> Self:
        """All data of the call on its public page."""
        return self.for_list().prefetch_related("topics", "sources")
