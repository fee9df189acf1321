"""The first page of a call, and the acts on many of its records."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import ValidationError
from django.db.models import Count, Model, Q
from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy, ngettext

from projects.assessment.assignment import tell_assessors, workloads
from projects.cockpit import panels
from projects.cockpit.state import CallState, blocked, next_act, state_of, steps
from projects.deadlines.kinds import deadlines_for
from projects.models import Assessment, Call
from projects.permissions import CHANGE_CALL, DECIDE, LEAD_ASSESSMENT
from projects.publication.publish import publication_status
from projects.stages import CallStage
from psf.database.record_version import bump_version
from psf.history.models import Channel
from psf.staff.forms import StaffForm
from psf.staff.pages import ActionPage, StaffPage
from psf.text.dates import Precision
from psf.text.mails import can_mail

DUE_SOON = timedelta(days=10)
MOST_DUE = 3
# Later the panel of the assessors is one line.
ASSESSING = [CallStage.CHECK, CallStage.ASSESS, CallStage.DECIDE]


def call_head(call: Call, user: User | AnonymousUser, stage: str | None) -> dict[str, object]:
    """The strip of stages above each page of a call. `stage` is that of the page."""
    state = state_of(call.pk)
    url = reverse("admin:projects_call_cockpit", args=[call.pk])
    return {"state": state, "steps": steps(state, user, stage), "url": url}


def _closing_here(call: Call) -> datetime | None:
    """The closing in the time zone of the secretariat, unless the call has the same hour."""
    if call.closes_at is None or call.closes_precision != Precision.MINUTE:
        return None
    here = timezone.localtime(call.closes_at)
    there = call.closes_at.astimezone(ZoneInfo(call.time_zone))
    return here if here.utcoffset() != there.utcoffset() else None


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
        state: CallState = self.record_head["state"]
        call, user, today = state.call, self.user, timezone.localdate()
        days = call.days_left()
        deadlines = deadlines_for(user, Call.objects.filter(pk=call.pk), today, date.max)
        due = [row for row in deadlines if row.day <= today + DUE_SOON]
        is_awarded = state.stage in [CallStage.FOLLOW, CallStage.CLOSE]
        return {
            "call": call,
            "is_closed": bool(call.closes_at and call.closes_at <= timezone.now()),
            "days": days,
            "days_ago": -(days or 0),
            "closes_here": _closing_here(call),
            "act": next_act(state, user),
            "blocked": blocked(state, user),
            "applications": panels.status_rows(state, user),
            "awards": panels.awards(call, deadlines) if is_awarded else [],
            "today": today,
            "money": panels.money_panel(state, user),
            "assessors": workloads(call, User.objects.none())
            if user.has_perm(LEAD_ASSESSMENT) and state.stage in ASSESSING
            else [],
            "letters": panels.letter_counts(state) if user.has_perm(DECIDE) else [],
            "publication": publication_status(call),
            "due": [(row, row.state(today), row.is_overdue(today)) for row in due[:MOST_DUE]],
            "due_left": len(due) - MOST_DUE,
            "changes": panels.recent_changes_of(call, user),
            "links": self._links_by_stage(),
        }

    def _links_by_stage(self) -> dict[str, list[Any]]:
        """The links to the other pages of the call, for the panel of their stage."""
        links: dict[str, list[Any]] = {}
        for link in self.admin.links(self.request, self.record):
            links.setdefault(str(link.stage), []).append(link)
        return links


class TakeOverPage(ActionPage):
    """The number of records becomes the announced figure."""

    name = "take_over"
    route = "take-over/<slug:figure>/"
    heading = gettext_lazy("Announce a figure of %(record)s")
    breadcrumb = gettext_lazy("Announce a figure")
    stage = CallStage.CHECK
    permission = CHANGE_CALL
    template_name = "admin/projects/cockpit/take_over.html"
    channel = Channel.FORM
    record: Call

    def load(self) -> None:
        super().load()
        if self.kwargs["figure"] not in panels.FIGURES:
            raise Http404
        self.figure = panels.FIGURES[self.kwargs["figure"]]
        self.state = state_of(self.record.pk)
        self.number = self.state[self.figure.group]

    def shown(self) -> list[Model]:
        return [self.record]

    def version(self) -> str:
        return f"{super().version()}:{self.number}"

    def prepare(self, form: StaffForm) -> None:
        form.button = _("Announce %(number)d") % {"number": self.number}

    def blockers(self) -> list[str]:
        if panels.can_take_over(self.state, self.kwargs["figure"]):
            return []
        return [_("The records do not give another figure than the announced one.")]

    def previews(self) -> Mapping[str, Callable[[], object]]:
        return {"": lambda: self._take_over(self.fresh())}

    def context(self) -> Mapping[str, object]:
        announced = getattr(self.record, self.figure.field)
        return {"figure": self.figure, "number": self.number, "announced": announced}

    def _take_over(self, call: Call) -> None:
        setattr(call, self.figure.field, self.number)
        call.save(update_fields=[self.figure.field])
        bump_version(Call, [call.pk])

    def execute(self, form: StaffForm) -> str:
        setattr(self.record, self.figure.field, self.number)
        try:
            self.record.validate_constraints()
        except ValidationError as error:
            raise ValidationError(error.messages) from None
        self._take_over(self.record)
        done = _("%(figure)s: %(number)d is announced.")
        return self.log(done % {"figure": self.figure.label, "number": self.number}, self.record)


class RemindPage(ActionPage):
    """A mail to each assessor whose assessments wait."""

    name = "remind"
    breadcrumb = gettext_lazy("Remind the assessors")
    heading = gettext_lazy("Remind the assessors of %(record)s")
    stage = CallStage.ASSESS
    permission = LEAD_ASSESSMENT
    template_name = "admin/projects/cockpit/remind.html"
    button = gettext_lazy("Send the mails")
    record: Call

    def load(self) -> None:
        super().load()
        waits = Count("pk", filter=Q(assessments__in=Assessment.objects.to_do()))
        of_call = User.objects.filter(assessments__project__call=self.record)
        self.rows: list[Any] = [
            *of_call.annotate(number=waits).filter(number__gt=0).order_by("username")
        ]
        self.reached = [account for account in self.rows if account.email]

    def version(self) -> str:
        return " ".join(f"{account.pk}:{account.number}" for account in self.rows)

    def blockers(self) -> list[str]:
        if not can_mail():
            return [_("This site sends no mail. Write to the assessors yourself.")]
        return [] if self.reached else [_("No assessor with an address has to submit anything.")]

    def context(self) -> Mapping[str, object]:
        return {"rows": self.rows}

    def execute(self, form: StaffForm) -> str:
        refused = tell_assessors(self.record, self.reached)
        count = len(self.reached) - len(refused)
        done = ngettext(
            "%(count)d assessor was reminded.", "%(count)d assessors were reminded.", count
        ) % {"count": count}
        for account in refused:
            sentence = _("The mail server refused the mail to %(assessor)s.")
            messages.warning(self.request, sentence % {"assessor": account})
        return self.log(done, self.record)


COCKPIT_PAGES = [CockpitPage, TakeOverPage, RemindPage]
