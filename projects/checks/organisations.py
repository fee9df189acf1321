"""Checks of organisations, and possible duplicates that wait for a decision."""

from typing import Any

from django.db.models import F, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _, gettext_lazy

from partners.models import DuplicateCandidate, Partner
from projects.checks.check import Check, RowsCheck, Severity, WorkListGroup
from projects.models import Partnership
from psf.text.dates import Precision, describe

CHANGE_PARTNER = "partners.change_partner"


class PossibleDuplicates(RowsCheck[DuplicateCandidate]):
    key = "alike"
    label = gettext_lazy("Possible duplicates")
    group = WorkListGroup.DECISION
    permission = CHANGE_PARTNER

    def rows(self) -> QuerySet[DuplicateCandidate]:
        return DuplicateCandidate.objects.waiting().for_list()

    def sentence(self, row: DuplicateCandidate) -> str:
        return _("“%(first)s” and “%(second)s” may be the same organisation: %(reasons)s.") % {
            "first": row.first,
            "second": row.second,
            "reasons": row.reasons_in_words(),
        }

    def url(self, row: DuplicateCandidate) -> str:
        return reverse("admin:partners_partner_duplicates")


class AfterItsEnd(RowsCheck[Partnership]):
    key = "after-its-end"
    label = gettext_lazy("Organisations that take part after they became another")
    severity = Severity.WARNING
    permission = CHANGE_PARTNER

    def rows(self) -> QuerySet[Partnership]:
        # Without the subquery, SQLite reads all partnerships.
        ended = Partner.objects.filter(successor__isnull=False)
        parts = Partnership.objects.filter(partner__in=ended)
        late = parts.filter(partner__succeeded_on__lt=F("project__starts_on"))
        return late.select_related("project", "partner__successor")

    def sentence(self, row: Any) -> str:
        return _(
            "“%(partner)s” became “%(successor)s” on %(day)s, before %(project)s started: name "
            "the successor there, or correct the day."
        ) % {
            "partner": row.partner,
            "successor": row.partner.successor,
            "day": describe(row.partner.succeeded_on, Precision.DAY),
            "project": row.project.reference,
        }


class InACircle(Check[Partner]):
    key = "circle"
    label = gettext_lazy("Organisations that are a part of themselves, or became themselves")
    severity = Severity.ERROR
    permission = CHANGE_PARTNER

    def rows(self) -> QuerySet[Partner]:
        self.links = {
            field: dict(
                Partner.objects.filter(**{f"{field}__isnull": False}).values_list("pk", field)
            )
            for field in ["parent", "successor"]
        }
        linked = {key for links in self.links.values() for key in links}
        return Partner.objects.filter(pk__in=linked)

    def sentence(self, row: Partner) -> str:
        if any(self._is_in_circle(row.pk, links) for links in self.links.values()):
            return _("“%(partner)s” is a part of itself, or became itself, through others.") % {
                "partner": row
            }
        return ""

    def _is_in_circle(self, start: int, links: dict[int, int]) -> bool:
        key, visited = links.get(start), set()
        while key is not None and key != start and key not in visited:
            visited.add(key)
            key = links.get(key)
        return key == start
