"""The amounts of a call: a page beside its form, and the same table as CSV."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext_lazy

from projects.models import Call
from projects.permissions import TO_SEE
from projects.post_award.account import budget_of
from projects.stages import CallStage
from psf.charts.tables import table_as_data
from psf.staff.pages import StaffPage


class BudgetPage(StaffPage):
    name = "budget"
    label = gettext_lazy("Budget")
    heading = gettext_lazy("Budget: %(record)s")
    stage = CallStage.POST_AWARD
    permission = TO_SEE["projects.agreement"]
    template_name = "admin/projects/post_award/budget.html"
    record: Call

    def context(self) -> Mapping[str, object]:
        return {"table": budget_of(self.record)}


class BudgetCsv(StaffPage):
    name = "budget_csv"
    route = "budget.csv"
    permission = TO_SEE["projects.agreement"]
    record: Call

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return table_as_data(budget_of(self.record), "csv")
