"""Forms in which staff correct a parsed announcement before saving."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _, gettext_lazy

from projects.announcements.admin.row_forms import RowDraftForm
from projects.announcements.country_names import Places
from projects.announcements.drafts import LAST_MINUTE, DraftCall, DraftProject
from projects.announcements.flags import OTHER_CALL
from projects.announcements.parsed_text import Flag
from psf.database.constraints import GREATEST_COUNT
from psf.staff.action_forms import EmbeddedForm
from psf.staff.widgets import AmountField, NumberField
from psf.text.dates import Precision

MOST_FIELDS = 950  # fewer than one request may hold


class LinesField(forms.CharField):
    """Several short texts, one per line."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs["widget"] = forms.Textarea(attrs={"rows": 3})
        super().__init__(required=False, help_text=gettext_lazy("One per line."), **kwargs)

    def prepare_value(self, value: object) -> object:
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: object) -> Any:
        lines = [line.strip() for line in (super().to_python(value) or "").splitlines()]
        return list(dict.fromkeys(filter(None, lines)))


class FlaggedForm(EmbeddedForm):
    """A part of a draft. Staff tick each flag of the draft that they have settled."""

    draft: DraftCall | DraftProject
    settled = forms.MultipleChoiceField(
        label=gettext_lazy("To check: tick what is settled"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        settled = cast(forms.MultipleChoiceField, self.fields["settled"])
        settled.choices = [
            (str(number), _flag_label(flag)) for number, flag in enumerate(self.draft.flags)
        ]
        if not self.draft.flags:
            del self.fields["settled"]

    def apply(self) -> None:
        """Correct the values of the draft by the fields of the same names."""
        flags = [self.draft.flags[int(number)] for number in self.cleaned_data.get("settled", [])]
        values = self.cleaned_data | {"settled": flags}
        for name in values.keys() & vars(self.draft).keys():
            setattr(self.draft, name, values[name])


def _flag_label(flag: Flag) -> str | SafeString:
    if not flag.line:
        return flag.sentence
    line = _("Line %(number)d") % {"number": flag.line}
    return format_html('<a href="#line-{}">{}</a>: {}', flag.line, line, flag.sentence)


class CallDraftForm(FlaggedForm):
    wide = ["settled", "title", "decided_by", "priorities", "description"]
    draft: DraftCall
    title = forms.CharField(label=gettext_lazy("Title"), max_length=200, required=False)
    received_count, eligible_count, funded_count = (
        NumberField(label=label, min_value=0, max_value=GREATEST_COUNT, required=False)
        for label in [
            gettext_lazy("Applications received"),
            gettext_lazy("Applications eligible"),
            gettext_lazy("Projects funded"),
        ]
    )
    ceiling_eur = AmountField(label=gettext_lazy("Ceiling of a grant"), required=False)
    closes_on = forms.DateField(
        label=gettext_lazy("Closes"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    decided_by = forms.CharField(label=gettext_lazy("Decided by"), max_length=200, required=False)
    priorities = LinesField(label=gettext_lazy("Priorities"))
    description = forms.CharField(
        label=gettext_lazy("Description"), widget=forms.Textarea(attrs={"rows": 6}), required=False
    )

    def __init__(self, *args: Any, draft: DraftCall, decides: bool, **kwargs: Any) -> None:
        self.draft = draft
        names = self.base_fields.keys() - {"closes_on", "settled"}
        kwargs["initial"] = {name: getattr(draft, name) for name in names}
        kwargs["initial"]["closes_on"] = draft.closes_at and draft.closes_at.date()
        super().__init__(*args, **kwargs)
        if draft.into:
            for name in ["title", "description"]:
                del self.fields[name]
        if not decides:
            del self.fields["decided_by"]

    def clean_settled(self) -> list[str]:
        """Refuse a text about another call than the chosen one, unless its flag is ticked."""
        ticked = self.cleaned_data["settled"]
        for number, flag in enumerate(self.draft.flags):
            if flag.kind == OTHER_CALL and str(number) not in ticked:
                raise ValidationError(
                    _("Tick “%(sentence)s” if the call is right, or choose another call.")
                    % {"sentence": flag.sentence}
                )
        return ticked

    def apply(self) -> None:
        super().apply()
        day = self.cleaned_data["closes_on"]
        if day != (self.draft.closes_at and self.draft.closes_at.date()):
            zone = self.draft.zone()
            self.draft.closes_at = day and datetime.combine(day, LAST_MINUTE, tzinfo=zone)
            self.draft.closes_precision = Precision.DAY


class ProjectDraftForm(FlaggedForm):
    wide = ["settled", "title", "priorities", "announced", "description"]
    draft: DraftProject
    keep = forms.BooleanField(label=gettext_lazy("Create this project"), required=False)
    title = forms.CharField(label=gettext_lazy("Title"), max_length=300, required=False)
    priorities = LinesField(label=gettext_lazy("Priorities"))
    announced = forms.CharField(
        label=gettext_lazy("Countries as announced"),
        required=False,
        help_text=gettext_lazy("Including the country of the lead partner."),
    )
    description = forms.CharField(
        label=gettext_lazy("Description"), widget=forms.Textarea(attrs={"rows": 6}), required=False
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
            self.fields["title"].help_text = _("Leave empty to use “%(title)s” for now.") % {
                "title": draft.working_title
            }

    def clean_announced(self) -> list[str]:
        countries = self.places.read_list(self.cleaned_data["announced"])
        if countries.unknown:
            raise ValidationError(
                _("“%(words)s” is not a known country: use the English name.")
                % {"words": " ".join(countries.unknown)}
            )
        return countries.codes


class DraftForms:
    """All forms of a draft: a form for each call, project and partner."""

    def __init__(
        self, drafts: list[DraftCall], places: Places, decides: bool, data: QueryDict | None = None
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

    def forms(self) -> Iterator[FlaggedForm | RowDraftForm]:
        yield from self.calls
        for form, rows in self.projects.values():
            yield form
            yield from rows

    def is_valid(self) -> bool:
        return all(form.is_valid() for form in self.forms())

    def apply(self) -> list[DraftCall]:
        """Return the corrected drafts, without the projects that staff do not want."""
        for form in self.forms():
            form.apply()
        drafts = [form.draft for form in self.calls]
        for draft in drafts:
            draft.projects = [
                project
                for project in draft.projects
                if self.projects[project.number][0].cleaned_data["keep"]
            ]
        return drafts


def refuse_too_large(drafts: list[DraftCall]) -> None:
    """Raise ValidationError for a draft that does not fit on one page."""
    projects = [project for draft in drafts for project in draft.projects]
    fields = sum(10 + len(draft.flags) for draft in drafts)
    fields += sum(5 + 6 * len(project.rows) + len(project.flags) for project in projects)
    if fields > MOST_FIELDS:
        raise ValidationError(
            _(
                "%(count)d projects with their partners do not fit on one page: "
                "paste one part of the text at a time."
            )
            % {"count": len(projects)}
        )
