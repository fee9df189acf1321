"""The parts that are edited with a call or a project."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from projects.models import (
    Contact,
    Criterion,
    Decision,
    IneligibilityReason,
    LetterKind,
    LetterTemplate,
    Partnership,
    Role,
    Score,
    Source,
)
from projects.permissions import may_decide
from psf.staff.inlines import RowForm, RowFormSet, RowsInline


class PartnershipForm(RowForm):
    """One partner of a project. Its country is the organisation's unless another is given."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["country"].required = False
        self.fields["country"].help_text = gettext_lazy(
            "The country it takes part for. Empty: where the organisation sits."
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("country") and "country" not in self.errors:
            if data.get("partner"):
                data["country"] = data["partner"].country
            elif "partner" not in self.errors:
                self.add_error("partner", _("Name the organisation, or at least the country."))
        return data


def place_of(row: Mapping[str, Any]) -> tuple[Any, ...]:
    """What only one row of a project can hold: an organisation and day, or a bare country."""
    if row.get("partner"):
        return ("partner", row["partner"], row.get("joined_on"))
    return ("country", row.get("country"))


class PartnershipFormSet(RowFormSet):
    """Says in words what the database would otherwise refuse without any."""

    def clean(self) -> None:
        super().clean()
        rows = self.filled_rows()
        leads = sum(row.get("role") == Role.LEAD for row in rows)
        problems = [*self._twice(rows)] or self._not_free_yet()
        if leads > 1:
            problems.append(_("A project has one lead partner at most: choose which."))
        if leads == 0 and self._is_before_readers() and not any(self.errors):
            problems.append(
                _(
                    "This project is public, so it keeps a lead partner: "
                    "name another one, or take the project back from the public first."
                )
            )
        if problems:
            raise ValidationError(problems)

    def _not_free_yet(self) -> list[str]:
        """The places that a row would take before the row that holds it has left it."""
        forms = [form for form in self.initial_forms if not form.errors and self.is_filled(form)]
        holders = {place_of(form.initial): number for number, form in enumerate(forms)}
        problems = []
        for number, form in enumerate(forms):
            row = {name: getattr(value, "pk", value) for name, value in form.cleaned_data.items()}
            if holders.get(place_of(row), number) > number:
                part = form.cleaned_data["partner"] or form.cleaned_data["country"]
                message = _("“%(part)s” still has a row of its own: change that first, and save.")
                problems.append(message % {"part": part})
        return problems

    def save_existing_objects(self, commit: bool = True) -> Any:
        """Rows that are deleted make room before others take their place."""
        deleted = [form.instance for form in self.deleted_forms if form.instance.pk]
        for row in deleted:
            self.delete_existing(row, commit=commit)
        saved = super().save_existing_objects(commit)
        self.deleted_objects = deleted
        return saved

    def _is_before_readers(self) -> bool:
        return self.instance.published_at is not None

    def _twice(self, rows: list[dict[str, Any]]) -> list[str]:
        """What the rows name twice, where once is all there can be."""
        named = [row for row in rows if row.get("partner")]
        organisations = Counter((row["partner"], row.get("joined_on")) for row in named)
        unnamed = Counter(
            row["country"] for row in rows if row.get("country") and not row.get("partner")
        )
        return [
            *(
                _("“%(partner)s” is in the list twice.") % {"partner": partner}
                for (partner, _joined), times in organisations.items()
                if times > 1
            ),
            *(
                _("%(country)s is in the list twice without an organisation.")
                % {"country": country}
                for country, times in unnamed.items()
                if times > 1
            ),
        ]


class PartnershipInline(RowsInline):
    model = Partnership
    form = PartnershipForm
    formset = PartnershipFormSet
    template = "admin/edit_inline/partnerships.html"
    verbose_name = gettext_lazy("partner")
    verbose_name_plural = gettext_lazy("partners, the lead partner first")
    ordering = ["role", "position", "pk"]  # "lead" sorts before "partner"
    autocomplete_fields = ["partner", "country"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("partner", "country", "role", "position"),
                    ("name_as_published", "joined_on", "left_on"),
                ]
            },
        )
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("partner", "country", "project")

    def name_of(self, part: Partnership) -> str:
        return str(part.partner or part.country)


class SourceInline(RowsInline):
    model = Source
    fieldsets = [(None, {"fields": [("about", "citation"), ("url", "note")]})]


class ContactInline(RowsInline):
    """The persons to whom staff write: for those who may see personal data, and nobody else."""

    model = Contact
    fieldsets = [
        (
            None,
            {"fields": [("name", "function"), ("email", "telephone"), ("purpose", "keep_until")]},
        )
    ]

    def name_of(self, part: Contact) -> str:
        return part.name


class GroundInline(RowsInline):
    """The reasons for which an application to this call is not eligible."""

    model = IneligibilityReason
    fieldsets = [(None, {"fields": [("text", "position"), "advice"]})]


class CriterionInline(RowsInline):
    """The criteria of a call, which nobody changes once assessors have given points by them."""

    model = Criterion
    ordering = ["position", "pk"]
    fieldsets = [
        (None, {"fields": [("name", "weight", "maximum", "position"), "description"]}),
    ]

    def _is_free(self, call: Any) -> bool:
        return call is None or not Score.objects.filter(criterion__call=call.pk).exists()

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_add_permission(request, obj) and self._is_free(obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and self._is_free(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and self._is_free(obj)


class LetterTemplateInline(RowsInline):
    """What the letters to the applicants say."""

    model = LetterTemplate
    max_num = len(LetterKind)
    fieldsets = [(None, {"fields": [("kind", "subject"), "body"]})]


class DecisionInline(RowsInline):
    """The decision on a call; only those who decide write it."""

    model = Decision
    max_num = 1
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("body", "meeting"),
                    ("mode", "reference"),
                    ("decided_on", "announced_on"),
                ]
            },
        )
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("call")  # the name of the decision

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_decide(request) and super().has_add_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_decide(request) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What was applied, or readers know of, is taken back first; what they knew of stays."""
        known = Q(published_at__isnull=False) | Q(unpublished_at__isnull=False)
        known |= Q(applied_at__isnull=False)
        decided = Decision.objects.filter(known, call=obj) if obj else None
        return (
            may_decide(request)
            and super().has_delete_permission(request, obj)
            and not (decided and decided.exists())
        )
