"""The assessments that one person has not submitted."""

from datetime import date
from typing import Any, NamedTuple

from django.db.models import Count
from django.utils import timezone

from projects.models import Assessment


class Waiting(NamedTuple):
    """The number of applications of a call that an assessor has to assess, and the last day."""

    call: int
    title: str
    due: date | None
    count: int  # type: ignore[assignment]  # a tuple has a method of that name

    def is_late(self) -> bool:
        return self.due is not None and self.due < timezone.localdate()


def waiting_for(user: Any) -> list[Waiting]:
    """The waiting assessments of a person by call, the nearest day first."""
    call = "project__call"
    own = Assessment.objects.to_do().filter(assessor=user)
    rows = own.order_by().values_list(call, f"{call}__title", f"{call}__assessments_due_on")
    calls = [Waiting(*row) for row in rows.annotate(count=Count("pk"))]
    return sorted(calls, key=lambda row: (row.due is None, row.due or date.min, row.title))
