"""The rows that are edited in the form of a call or a project."""

from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db.models import Field, Model, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy

from projects.models import (
    Call,
    Contact,
    Criterion,
    Decision,
    IneligibilityReason,
    LetterKind,
    LetterTemplate,
    Partnership,
    Question,
    Role,
    Source,
)
from projects.models.application_forms import has_answers
from projects.models.assessments import has_scores
from projects.models.publication import was_published
from projects.permissions import may_decide
from psf.staff.forms import RowForm, RowFormSet, RowsInline


class PartnershipForm(RowForm):
    """One partner of a project. The default country is the country of the organisation."""

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("country") and "country" not in self.errors:
            if data.get("partner"):
                data["country"] = data["partner"].country
            elif "partner" not in self.errors:
                self.add_error("partner", _("Choose the organisation, or at least the country."))
        return data


def unique_key(row: Mapping[str, Any]) -> tuple[Any, ...]:
    """The values that are unique in a project: organisation and day, or country alone."""
    if row.get("partner"):
        return ("partner", row["partner"], row.get("joined_on"))
    return ("country", row.get("country"))


class PartnershipFormSet(RowFormSet):
    """Explains in sentences what the constraints of the database would refuse."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance.pk:  # the first row of a new project is the lead partner
            self.initial_extra = [{"role": Role.LEAD}]

    def clean(self) -> None:
        super().clean()
        rows = self.filled_rows()
        leads = sum(row.get("role") == Role.LEAD for row in rows)
        problems = self._duplicates(rows) or self._not_free_yet()
        if leads > 1:
            problems.append(_("Choose one lead partner only."))
        if leads == 0 and self.instance.published_at is not None and not any(self.errors):
            problems.append(
                _(
                    "This project is public and needs a lead partner. "
                    "Choose another one, or unpublish the project first."
                )
            )
        if problems:
            raise ValidationError(problems)

    def _not_free_yet(self) -> list[str]:
        """Errors for rows whose unique key still belongs to a later row."""
        forms = [form for form in self.initial_forms if not form.errors and self.is_filled(form)]
        holders = {unique_key(form.initial): number for number, form in enumerate(forms)}
        problems = []
        for number, form in enumerate(forms):
            row = {name: getattr(value, "pk", value) for name, value in form.cleaned_data.items()}
            if holders.get(unique_key(row), number) > number:
                name = form.cleaned_data["partner"] or form.cleaned_data["country"]
                message = _("“%(name)s” still has another row. Change and save that row first.")
                problems.append(message % {"name": name})
        return problems

    def save_existing_objects(self, commit: bool = True) -> Any:
        """Delete rows first, so that other rows can take their unique keys."""
        deleted = [form.instance for form in self.deleted_forms if form.instance.pk]
        for row in deleted:
            self.delete_existing(row, commit=commit)
        saved = super().save_existing_objects(commit)
        self.deleted_objects = deleted
        return saved

    def _duplicates(self, rows: list[dict[str, Any]]) -> list[str]:
        sentences = {
            "partner": _(
                "“%(name)s” is in the list twice. Delete a row, or enter the last day of the first."
            ),
            "country": _("%(name)s is in the list twice without an organisation."),
        }
        named = [row for row in rows if row.get("partner") or row.get("country")]
        keys = Counter(map(unique_key, named))
        # An organisation that joins again has left before.
        staying = [row["partner"] for row in named if row.get("partner") and not row.get("left_on")]
        keys.update(("partner", partner, "stays") for partner in staying)
        problems = [
            sentences[kind] % {"name": name}
            for (kind, name, *_joined), times in keys.items()
            if times > 1
        ]
        return list(dict.fromkeys(problems))


class PartnershipInline(RowsInline):
    model = Partnership
    form = PartnershipForm
    formset = PartnershipFormSet
    verbose_name = gettext_lazy("partner")
    verbose_name_plural = gettext_lazy("partners, the lead partner first")
    ordering = ["role", "position", "pk"]  # "lead" sorts before "partner"
    autocomplete_fields = ["partner", "country"]
    fields = [
        ("partner", "country", "role", "position"),
        ("name_as_published", "joined_on", "left_on"),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        rows = super().get_queryset(request)
        return rows.select_related("partner__country", "country", "project")

    def formfield_for_dbfield(self, db_field: Field, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name != "country":
            return super().formfield_for_dbfield(db_field, request, **kwargs)
        help_text = _(
            "The country for which it takes part. Leave empty for the country of the organisation."
        )
        return super().formfield_for_dbfield(
            db_field, request, required=False, help_text=help_text, **kwargs
        )

    def get_extra(self, request: HttpRequest, obj: Model | None = None, **kwargs: Any) -> int:
        """A new project opens with the rows of a lead partner and of one more partner."""
        return 0 if obj else 2

    def name_of(self, row: Partnership) -> str:
        return str(row.partner or row.country)

    def label_of(self, row: Partnership) -> str:
        return f"{self.name_of(row)} · {row.get_role_display()}"


class SourceInline(RowsInline):
    model = Source
    fields = [("about", "citation"), ("url", "note")]


class ContactForm(RowForm):
    """The data of another person. The browser neither fills them in nor keeps them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["autocomplete"] = "off"

    def clean_keep_until(self) -> date:
        """A mistyped year would delete the person for ever in the next night."""
        day: date = self.cleaned_data["keep_until"]
        if day < timezone.localdate():
            raise ValidationError(
                _("This day has passed, so the contact person would be deleted. Correct the day.")
            )
        return day


class ContactInline(RowsInline):
    """The contact persons, only for accounts that may see personal data."""

    model = Contact
    form = ContactForm
    fields = [("name", "function"), ("email", "telephone"), ("purpose", "keep_until")]

    def name_of(self, row: Contact) -> str:
        return row.name


class ReasonInline(RowsInline):
    """The reasons for which an application to this call is not eligible."""

    model = IneligibilityReason
    fields = [("text", "position"), "advice"]


class LockedRowsInline(RowsInline):
    """Rows of a call that nobody can change once `is_locked()`, which gets the key of the call."""

    is_locked: ClassVar[Any]
    ordering = ["position", "pk"]

    def _is_open(self, call: Call | None) -> bool:
        return call is None or call.pk is None or not self.is_locked(call.pk)

    def has_add_permission(self, request: HttpRequest, obj: Call | None = None) -> bool:
        return super().has_add_permission(request, obj) and self._is_open(obj)

    def has_change_permission(self, request: HttpRequest, obj: Call | None = None) -> bool:
        return super().has_change_permission(request, obj) and self._is_open(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Call | None = None) -> bool:
        return super().has_delete_permission(request, obj) and self._is_open(obj)


class CriterionInline(LockedRowsInline):
    """The criteria of a call. Nobody can change them after the first points."""

    model = Criterion
    is_locked = staticmethod(has_scores)
    fields = [("name", "weight", "maximum", "position"), "description"]


class QuestionInline(LockedRowsInline):
    """The questions of the application form. Nobody can change them after the first answers."""

    model = Question
    is_locked = staticmethod(has_answers)
    fields = [("text", "limit", "position"), ("hint", "criterion", "for_each_partner")]

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """A select: criteria have no page of their own."""
        return db_field.formfield(queryset=Criterion.objects.none())

    def get_formset(self, request: HttpRequest, obj: Model | None = None, **kwargs: Any) -> Any:
        formset: Any = super().get_formset(request, obj, **kwargs)
        if field := formset.form.base_fields.get("criterion"):  # none for who only views
            field.queryset = Criterion.objects.filter(call_id=obj.pk if obj else 0)
            field.choices = [*field.choices]  # once for all rows
        return formset


class LetterTemplateInline(RowsInline):
    """The texts of the letters to applicants."""

    model = LetterTemplate
    max_num = len(LetterKind)
    fields = [("kind", "subject"), "body"]


class DecisionInline(RowsInline):
    """The decision on a call, only for accounts that may decide."""

    model = Decision
    max_num = 1
    fields = [("body", "meeting"), ("mode", "reference"), ("decided_on", "announced_on")]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("call")  # the name of the decision

    def has_add_permission(self, request: HttpRequest, obj: Call | None = None) -> bool:
        return may_decide(request) and super().has_add_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Call | None = None) -> bool:
        return may_decide(request) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Call | None = None) -> bool:
        """A decision that was applied, ever public or drafted by two cannot be deleted."""
        undeletable = was_published() | Q(applied_at__isnull=False) | Q(decided_by_two=True)
        decided = Decision.objects.filter(undeletable, call=obj) if obj else None
        return (
            may_decide(request)
            and super().has_delete_permission(request, obj)
            and not (decided and decided.exists())
        )
