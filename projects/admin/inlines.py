"""The rows that are edited in the form of a call or a project."""

from abc import abstractmethod
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from projects.models import (
    Call,
    Contact,
    Criterion,
    Decision,
    IneligibilityReason,
    LetterKind,
    LetterTemplate,
    Question,
    Source,
)
from projects.models.application_forms import has_answers
from projects.models.assessments import has_scores
from projects.models.publication import was_published
from projects.permissions import may_decide
from psf.staff.forms import RowForm, RowsInline


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
    fields = ["text", "advice", "position"]


class GuardedRowsInline(RowsInline):
    """Rows of a call that only some accounts can change, or nobody after a certain act."""

    @abstractmethod
    def is_open(self, request: HttpRequest, call: Call | None) -> bool:
        """Whether the account can change the rows now."""

    def has_add_permission(self, request: HttpRequest, obj: Call | None = None) -> bool:
        return super().has_add_permission(request, obj) and self.is_open(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Call | None = None) -> bool:
        return super().has_change_permission(request, obj) and self.is_open(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Call | None = None) -> bool:
        return super().has_delete_permission(request, obj) and self.is_open(request, obj)


class CriterionInline(GuardedRowsInline):
    """The criteria of a call. Nobody can change them after the first points."""

    model = Criterion
    ordering = ["position", "pk"]
    fields = ["name", "description", "weight", "maximum", "position"]

    def is_open(self, request: HttpRequest, call: Call | None) -> bool:
        return not (call and call.pk and has_scores(call.pk))


class QuestionInline(GuardedRowsInline):
    """The questions of the application form. Nobody can change them after the first answers."""

    model = Question
    ordering = ["position", "pk"]
    fields = ["text", "hint", "criterion", "limit", "for_each_partner", "position"]

    def is_open(self, request: HttpRequest, call: Call | None) -> bool:
        return not (call and call.pk and has_answers(call.pk))

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """A select: criteria have no page of their own."""
        return db_field.formfield(queryset=Criterion.objects.none())

    def get_formset(self, request: HttpRequest, obj: Model | None = None, **kwargs: Any) -> Any:
        formset: Any = super().get_formset(request, obj, **kwargs)
        field = formset.form.base_fields["criterion"]
        field.queryset = Criterion.objects.filter(call_id=obj.pk if obj else 0)
        field.choices = [*field.choices]  # once for all rows
        return formset


class LetterTemplateInline(RowsInline):
    model = LetterTemplate
    max_num = len(LetterKind)
    fields = [("kind", "subject"), "body"]


class DecisionInline(GuardedRowsInline):
    """The decision on a call, only for accounts that may decide."""

    model = Decision
    max_num = 1
    fields = [("body", "meeting"), ("mode", "reference"), ("decided_on", "announced_on")]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("call")  # the name of the decision

    def is_open(self, request: HttpRequest, call: Call | None) -> bool:
        return may_decide(request)

    def has_delete_permission(self, request: HttpRequest, obj: Call | None = None) -> bool:
        """A decision that was applied, ever public or drafted by two cannot be deleted."""
        undeletable = was_published() | Q(applied_at__isnull=False) | Q(decided_by_two=True)
        decided = Decision.objects.filter(undeletable, call=obj) if obj else None
        return super().has_delete_permission(request, obj) and not (decided and decided.exists())
