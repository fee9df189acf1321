"""The first page of a call."""

from collections.abc import Mapping

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import TextChoices
from django.urls import reverse
from django.utils.translation import gettext_lazy

from projects.cockpit.state import states_of, steps
from projects.models import Call
from psf.staff.pages import StaffPage


def call_head(
    call: Call, user: User | AnonymousUser, stage: TextChoices | None
) -> dict[str, object]:
    """The strip of stages above each page of a call. `stage` is that of the page."""
    state = states_of([call])[0]
    url = reverse("admin:projects_call_cockpit", args=[call.pk])
    return {"state": state, "steps": steps(state, user, stage), "url": url}


class CockpitPage(StaffPage):
    """Where the call stands, the next act, what is blocked, and its numbers."""

    name = "cockpit"
    prefix = ""
    route = "<int:object_id>/"
    heading = gettext_lazy("%(record)s")
    permission = "view"
    template_name = "admin/projects/cockpit/cockpit.html"
    record: Call

    def crumbs(self) -> list[tuple[str, str]]:
        return []

    def crumb(self) -> str:
        return str(self.record)

    def context(self) -> Mapping[str, object]:
        return {"links": self.admin.links(self.request, self.record)}
