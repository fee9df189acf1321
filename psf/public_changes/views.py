"""The page of all public events, and the pages of earlier public versions."""

from typing import Any, cast

from django.forms import DateField, DateInput, MultipleChoiceField
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.http import require_safe

from psf.history.tracking import kind_of
from psf.http.requests import accepts_parameters
from psf.lists.public_form import PublicForm, checkboxes, submit_button
from psf.lists.public_list import numbered_page
from psf.public_changes.events import Event, EventEntry
from psf.public_changes.record_changes import MAX_EVENTS, load_log
from psf.public_changes.versions import KINDS, load_record_versions

ENTRIES_A_PAGE = 50


class ChangesForm(PublicForm):
    """The filters of the page: the first day, the event and the kind of record."""

    since = DateField(
        label=gettext_lazy("Since"),
        required=False,
        input_formats=["%Y-%m-%d"],
        widget=DateInput(attrs={"type": "date"}),
        error_messages={"invalid": gettext_lazy("Write the day as 2027-03-31.")},
    )
    event = checkboxes(gettext_lazy("Event"), Event.choices)
    kind = checkboxes(gettext_lazy("Record"))

    def __init__(self, data: QueryDict) -> None:
        super().__init__(data)
        self.action = reverse("changes")
        kinds = [(name.rpartition(".")[2], kind.label) for name, kind in KINDS.items()]
        cast(MultipleChoiceField, self.fields["kind"]).choices = kinds

    def layout(self) -> list[object]:
        return ["since", "event", "kind", submit_button(_("Filter"))]

    def entries(self, log: list[EventEntry]) -> list[EventEntry]:
        """The events of the log that match, at most `MAX_EVENTS`; [] if a value is wrong."""
        if not self.is_valid():
            return []
        since, events, kinds = (self.cleaned_data[name] for name in ["since", "event", "kind"])
        entries = [
            entry
            for entry in log
            if (not since or timezone.localdate(entry.at) >= since)
            and (not events or entry.event in events)
            and (not kinds or entry.kind.rpartition(".")[2] in kinds)
        ]
        return entries[:MAX_EVENTS]


@require_safe
@accepts_parameters("since", "event", "kind", "page")
def changes_page(request: HttpRequest, query: QueryDict) -> HttpResponse:
    """The newest public events, filtered by day, event and kind of record."""
    form = ChangesForm(query)
    log = load_log()
    filters = query.copy()
    filters.pop("page", None)
    context = {
        **numbered_page(form.entries(log), ENTRIES_A_PAGE, query.get("page", "1")),
        "query": filters,
        "is_complete": len(log) < MAX_EVENTS,
        "form": form.html(),
        "valid": form.is_valid(),
    }
    return render(request, "changes/list.html", context, status=200 if form.is_valid() else 400)


def version_page(request: HttpRequest, record: Any, number: int) -> HttpResponse:
    """An earlier public version of a public record. The last version is the page of the record."""
    versions = load_record_versions(kind_of(type(record)), record.pk)
    if not 1 <= number <= len(versions):
        raise Http404
    if number == len(versions):
        return redirect(record)
    version, after = versions[number - 1], versions[number]
    context = {"version": version, "after": after, "record": record, "number": number}
    response = render(request, "changes/version.html", context)
    response.headers["X-Robots-Tag"] = "noindex"
    return response
