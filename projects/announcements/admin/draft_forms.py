"""What staff may correct of an announcement that was read, before it becomes records."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from projects.announcements.admin.row_forms import RowDraftForm
from projects.announcements.country_names import Places
from projects.announcements.drafts import LAST_MINUTE, DraftCall, DraftProject
from projects.announcements.parsed import Flag
from projects.announcements.save import Given
from projects.models import Call
from psf.database.constraints import GREATEST_AMOUNT, GREATEST_COUNT
from psf.text.dates import Precision

MOST_FIELDS = 950  # fewer than one request may hold


class PasteForm(forms.Form):
    """The text, and the call that it belongs to where that is here already."""

    text = forms.CharField(
        label=gettext_lazy("Text of the announcement"),
        strip=False,  # lines are counted from the first
        widget=forms.Textarea(attrs={"rows": 20}),
        help_text=gettext_lazy(
            "As it was published, mistakes included. Addresses and telephone numbers are left out."
        ),
    )
    call = forms.ModelChoiceField(
        Call.objects.all(),
        label=gettext_lazy("Call"),
        required=False,
        empty_label=gettext_lazy("a new call, from the text"),
        help_text=gettext_lazy("A call that is here already is filled in where it is empty."),
    )
    source_title = forms.CharField(
        label=gettext_lazy("Who published it, under what title"),
        max_length=500,
        required=False,
        help_text=gettext_lazy("Becomes the source of the call and its projects: readers see it."),
    )
    source_url = forms.URLField(
        label=gettext_lazy("Address where it was published"),
        max_length=500,
        required=False,
        assume_scheme="https",
    )

    def source(self) -> Given:
        return Given(self.cleaned_data["source_title"], self.cleaned_data["source_url"])


class LinesField(forms.CharField):
    """Several short texts, one a line."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs["widget"] = forms.Textarea(attrs={"rows": 3})
        super().__init__(required=False, help_text=gettext_lazy("One a line."), **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        lines = [line.strip() for line in (super().to_python(value) or "").splitlines()]
        return list(dict.fromkeys(filter(None, lines)))


class FlaggedForm(forms.Form):
    """A part of a draft of which something was pointed out, each to be ticked when settled."""

    draft: DraftCall | DraftProject

    def flags(self) -> list[tuple[Flag, bool]]:
        """Each with whether it is ticked."""
        data: Any = self.data
        ticked = data.getlist(self.add_prefix("settled")) if self.is_bound else []
        return [(flag, str(number) in ticked) for number, flag in enumerate(self.draft.flags)]

    def settled(self) -> list[Flag]:
        return [flag for flag, is_settled in self.flags() if is_settled]


class CallDraftForm(FlaggedForm):
    draft: DraftCall
    title = forms.CharField(label=gettext_lazy("Title"), max_length=200, required=False)
    received_count, eligible_count, funded_count = (
        forms.IntegerField(label=label, min_value=0, max_value=GREATEST_COUNT, required=False)
        for label in [
            gettext_lazy("Applications received"),
            gettext_lazy("Applications eligible"),
            gettext_lazy("Projects funded"),
        ]
    )
    ceiling_eur = forms.DecimalField(
        label=gettext_lazy("Ceiling of a grant"),
        min_value=0,
        max_value=GREATEST_AMOUNT,
        decimal_places=2,
        required=False,
        help_text="EUR",
    )
    closes_on = forms.DateField(
        label=gettext_lazy("Closes"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    decided_by = forms.CharField(label=gettext_lazy("Decided by"), max_length=200, required=False)
    priorities = LinesField(label=gettext_lazy("Priorities"))
    description = forms.CharField(
        label=gettext_lazy("Description"),
        widget=forms.Textarea(attrs={"rows": 6}),
        required=False,
    )

    def __init__(self, *args: Any, draft: DraftCall, decides: bool, **kwargs: Any) -> None:
        self.draft = draft
        names = [name for name in self.base_fields if name != "closes_on"]
        kwargs["initial"] = {name: getattr(draft, name) for name in names}
        kwargs["initial"]["closes_on"] = draft.closes_at and draft.closes_at.date()
        super().__init__(*args, **kwargs)
        if draft.into:
            for name in ["title", "description"]:
                del self.fields[name]
        if not decides:
            del self.fields["decided_by"]

    def apply(self) -> DraftCall:
        """The draft with what was corrected."""
        data = dict(self.cleaned_data)
        day = data.pop("closes_on")
        if day != (self.draft.closes_at and self.draft.closes_at.date()):
            zone = ZoneInfo(Call._meta.get_field("time_zone").get_default())
            self.draft.closes_at = day and datetime.combine(day, LAST_MINUTE, tzinfo=zone)
            self.draft.closes_precision = Precision.DAY
        for name, value in data.items():
            setattr(self.draft, name, value)
        self.draft.settled = self.settled()
        return self.draft


class ProjectDraftForm(FlaggedForm):
    draft: DraftProject
    keep = forms.BooleanField(label=gettext_lazy("Make this project"), required=False)
    title = forms.CharField(label=gettext_lazy("Title"), max_length=300, required=False)
    priorities = LinesField(label=gettext_lazy("Priorities"))
    announced = forms.CharField(
        label=gettext_lazy("Countries as announced"),
        required=False,
        help_text=gettext_lazy("The lead partner’s included."),
    )
    description = forms.CharField(
        label=gettext_lazy("Description"),
        widget=forms.Textarea(attrs={"rows": 6}),
        required=False,
    )

    def __init__(self, *args: Any, draft: DraftProject, places: Places, **kwargs: Any) -> None:
        self.draft, self.places = draft, places
        kwargs["initial"] = {
            "keep": True,
            "title": draft.title,
            "priorities": draft.priorities,
            "announced": ", ".join(places.name_of(code) for code in draft.announced),
            "description": draft.description,
        }
        super().__init__(*args, **kwargs)
        if draft.working_title:
            self.fields["title"].help_text = _("Empty: “%(title)s”, until it is known.") % {
                "title": draft.working_title
            }

    def clean_announced(self) -> list[str]:
        found = self.places.read_list(self.cleaned_data["announced"])
        if found.unknown:
            raise ValidationError(
                _("“%(words)s” is no country that is known here: use its English name.")
                % {"words": " ".join(found.unknown)}
            )
        return found.codes

    def apply(self) -> None:
        for name in ["title", "priorities", "announced", "description"]:
            setattr(self.draft, name, self.cleaned_data[name])
        self.draft.settled = self.settled()


class Draft:
    """All the forms of a draft: of each call, its projects, their partners."""

    def __init__(
        self, drafts: list[DraftCall], places: Places, decides: bool, data: Any = None
    ) -> None:
        self.calls = [
            CallDraftForm(data, draft=draft, decides=decides, prefix=f"call-{number}")
            for number, draft in enumerate(drafts)
        ]
        self.projects: dict[int, tuple[ProjectDraftForm, list[RowDraftForm]]] = {}
        for project in (project for draft in drafts for project in draft.projects):
            prefix = f"project-{project.number}"
            rows = [
                RowDraftForm(data, draft=row, places=places, prefix=f"{prefix}-row-{number}")
                for number, row in enumerate(project.rows)
            ]
            form = ProjectDraftForm(data, draft=project, places=places, prefix=prefix)
            self.projects[project.number] = (form, rows)

    def forms(self) -> Iterator[forms.Form]:
        yield from self.calls
        for form, rows in self.projects.values():
            yield form
            yield from rows

    def is_valid(self) -> bool:
        valid = [form.is_valid() for form in self.forms()]  # each, so that each says what is wrong
        return all(valid)

    def apply(self) -> list[DraftCall]:
        """The drafts with what was corrected, without the projects that are not wanted."""
        drafts = [form.apply() for form in self.calls]
        for form, rows in self.projects.values():
            form.apply()
            for row in rows:
                row.apply()
        for draft in drafts:
            draft.projects = [
                project
                for project in draft.projects
                if self.projects[project.number][0].cleaned_data["keep"]
            ]
        return drafts


def refuse_too_large(drafts: list[DraftCall]) -> None:
    """A draft that one page cannot hold is refused in words, before it is drawn."""
    projects = [project for draft in drafts for project in draft.projects]
    fields = sum(10 + len(draft.flags) for draft in drafts)
    fields += sum(5 + 6 * len(project.rows) + len(project.flags) for project in projects)
    if fields > MOST_FIELDS:
        raise ValidationError(
            _(
                "%(count)d projects with their partners are more than one page can hold: "
                "paste a part of the text at a time."
            )
            % {"count": len(projects)}
        )
