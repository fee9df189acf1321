"""The partners of a project: rows of one table, in which names of organisations are typed."""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Field, Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _, gettext_lazy

from partners.matching.duplicates import find_duplicates_of
from partners.matching.lookup import RecordedNames, new_organisation, recognise
from partners.models import Country, Partner
from projects.models import Partnership, Role
from projects.publication.publish import LEAD_IS_NEEDED
from psf.staff.forms import RowForm, RowFormSet, RowsInline
from psf.text.validators import validate_line

NEW = "new"  # the choice of an organisation that is not recorded
MOST_OFFERED = 4
LABEL = re.compile(r"(.+) \(([A-Za-z]{2})\)\Z")


class OfferedName(NamedTuple):
    """What can be chosen for a typed name: the key of an organisation, or `NEW`."""

    value: str
    words: str
    is_chosen: bool


class TypedName(str):
    """A typed name, with the choice among the organisations offered for it."""

    choice = ""


class NameInput(forms.TextInput):
    """The name of a record. `known` has the name of the loaded record by its key."""

    known: dict[str, str] = {}
    offers: list[OfferedName] = []

    def value_from_datadict(self, data: Mapping[str, str], files: object, name: str) -> Any:
        typed = TypedName(data.get(name, "").strip())
        # A choice for another name is void: somebody has typed a new one since.
        if data.get(f"{name}-asked") == typed:
            typed.choice = data.get(f"{name}-choice", "")
        return typed


class NameField(forms.ModelChoiceField):
    """A field in which the name of a record is typed."""

    widget = NameInput
    queryset: QuerySet
    find: Callable[[Any], Model]  # the record with a name, or a ValidationError

    def __init__(self, db_field: Any, **kwargs: Any) -> None:
        super().__init__(db_field.related_model.objects.all(), required=False, **kwargs)
        names = {"app_label": "projects", "model_name": "partnership", "field_name": db_field.name}
        query = "&".join(f"{key}={value}" for key, value in names.items())
        self.widget.attrs |= {
            "autocomplete": "off",
            "data-suggest": f"{reverse('admin:autocomplete')}?{query}",
        }

    def prepare_value(self, value: object) -> Any:
        if isinstance(value, TypedName):
            return value
        return self.widget.known.get(str(value), value)

    def has_changed(self, initial: object, data: Any) -> bool:
        return bool(data.choice) or str(self.prepare_value(initial) or "") != data

    def to_python(self, value: object) -> Any:
        if not value:
            return None
        keys = [key for key, label in self.widget.known.items() if label == value]
        return self.queryset.filter(pk__in=keys).first() or self.find(value)


class CountryField(NameField):
    def find(self, name: TypedName) -> Country:
        countries = list(Country.objects.named(name)[:2])
        if len(countries) != 1:
            raise ValidationError(_("Not recorded. Write the name of the country, or its code."))
        return countries[0]


class OrganisationField(NameField):
    """An organisation by any of its names, with or without the code of its country."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj} ({obj.country_id})"

    def find(self, name: TypedName) -> Partner:
        if name.choice == NEW:
            validate_line(name)
            bare, country = self.split(name)
            return Partner(name=Partner._meta.get_field("name").clean(bare, None), country=country)
        if name.choice.isdecimal():
            partner = self.queryset.filter(pk=name.choice[:18]).first()
        else:
            partner = recognise(*self.split(name))
        if partner is None:
            raise ValidationError(_("Not recorded. Choose an organisation, or add a new one."))
        return partner

    def split(self, name: str) -> tuple[str, Country | None]:
        """The name, and the country whose code follows it."""
        match = LABEL.match(name)
        country = Country.objects.filter(pk=match[2].upper()).first() if match else None
        return (match[1], country) if match and country else (name, None)


class PartnershipForm(RowForm):
    """One partner of a project. The default country is the country of the organisation."""

    may_add = False  # organisations

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            relation: Any = Partnership._meta.get_field(name)
            if isinstance(field, NameField) and relation.is_cached(self.instance):
                row = getattr(self.instance, name)
                field.widget.known = {str(row.pk): field.label_from_instance(row)} if row else {}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        partner, typed = data.get("partner"), self["partner"].data
        if not data.get("country") and "country" not in self.errors:
            if partner and partner.country_id:
                data["country"] = partner.country
            elif partner:
                self.add_error("country", _("Name the country of the new organisation."))
            elif "partner" not in self.errors:
                self.add_error("partner", _("Choose the organisation, or at least the country."))
        if partner and not partner.pk:
            partner.country = partner.country if partner.country_id else data.get("country")
            if not self.may_add:
                self.add_error("partner", _("You may not add organisations."))
        if typed and ("partner" in self.errors or typed.choice):
            self._offer(typed, data.get("country"))
        return data

    def _offer(self, typed: TypedName, country: Country | None) -> None:
        """Offer the recorded organisations with similar names, and a new one."""
        field: Any = self.fields["partner"]
        name, of_label = field.split(typed)
        similar = Partner.objects.found_by(name).best_first(name)
        chosen = [typed.choice[:18]] if typed.choice.isdecimal() else []
        rows = [*Partner.objects.filter(pk__in=chosen)]
        if of_label := of_label or country:
            code = of_label.pk
            similar_names = RecordedNames(code).similar_partners(name, code)
            rows += [candidate.partner for candidate in similar_names]
            similar = similar.filter(country=of_label)
        choices = {
            str(row.pk): _("Choose “%(name)s”") % {"name": field.label_from_instance(row)}
            for row in [*rows, *similar[:MOST_OFFERED]][:MOST_OFFERED]
        }
        if self.may_add:
            choices[NEW] = _("Add “%(name)s” as a new organisation") % {"name": name}
        field.widget.offers = [
            OfferedName(value, words, value == typed.choice) for value, words in choices.items()
        ]

    def add_organisation(self) -> None:
        """Add a new organisation. A save may run twice, so the row keeps what was typed."""
        partner = self.instance.partner
        if partner and not partner.pk:
            self.instance.partner = new_organisation(partner.name, partner.country_id)
            self.instance.partner.save()
            find_duplicates_of(self.instance.partner)


def identity_of(value: object) -> Any:
    """What makes a record the same: its key, or the name of a new one."""
    return str(getattr(value, "pk", None) or value).casefold()


def unique_key(row: Mapping[str, Any]) -> tuple[Any, ...]:
    """The values that are unique in a project: organisation and day, or country alone."""
    if row.get("partner"):
        return ("partner", identity_of(row["partner"]), row.get("joined_on"))
    return ("country", identity_of(row.get("country")))


class PartnershipFormSet(RowFormSet):
    """Explains in sentences what the constraints of the database would refuse."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance.pk:  # the first row of a new project is the lead partner
            self.initial_extra = [{"role": Role.LEAD, "position": 1}]

    def clean(self) -> None:
        super().clean()
        rows = self.filled_rows()
        leads = sum(row.get("role") == Role.LEAD for row in rows)
        problems = self._duplicates(rows) or self._not_free_yet()
        if leads > 1:
            problems.append(_("Choose one lead partner only."))
        if leads == 0 and self.instance.published_at is not None and not any(self.errors):
            problems.append(str(LEAD_IS_NEEDED))
        if problems:
            raise ValidationError(problems)

    def _not_free_yet(self) -> list[str]:
        """Errors for rows whose unique key still belongs to a later row."""
        forms = [form for form in self.initial_forms if not form.errors and self.is_filled(form)]
        holders = {unique_key(form.initial): number for number, form in enumerate(forms)}
        problems = []
        for number, form in enumerate(forms):
            if holders.get(unique_key(form.cleaned_data), number) > number:
                name = form.cleaned_data["partner"] or form.cleaned_data["country"]
                message = _("“%(name)s” still has another row. Change and save that row first.")
                problems.append(message % {"name": name})
        return problems

    def save_new(self, form: Any, commit: bool = True) -> Any:
        form.add_organisation()
        return super().save_new(form, commit)

    def save_existing(self, form: Any, obj: Model, commit: bool = True) -> Any:
        form.add_organisation()
        return super().save_existing(form, obj, commit)

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
        valid = [row for row in rows if "partner" in row and "country" in row]
        filled = [row for row in valid if row["partner"] or row["country"]]
        names = {unique_key(row)[:2]: row["partner"] or row["country"] for row in filled}
        keys = Counter(map(unique_key, filled))
        # An organisation that joins again has left before.
        staying = [row for row in filled if row.get("partner") and not row.get("left_on")]
        keys.update((*unique_key(row)[:2], "stays") for row in staying)
        problems = [
            sentences[kind] % {"name": names[kind, key]}
            for (kind, key, *_joined), times in keys.items()
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
    fields = ["partner", "country", "role", "name_as_published", "joined_on", "left_on", "position"]
    more = ["name_as_published", "joined_on", "left_on"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        rows = super().get_queryset(request)
        return rows.select_related("partner__country", "country", "project")

    def get_formset(self, request: HttpRequest, obj: Model | None = None, **kwargs: Any) -> Any:
        formset: Any = super().get_formset(request, obj, **kwargs)
        formset.form.may_add = request.user.has_perm("partners.add_partner")
        return formset

    def formfield_for_dbfield(self, db_field: Field, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "partner":
            help_text = _("Any name, such as Liepāja Municipal Police (LV). Empty: not known.")
            return OrganisationField(db_field, label=_("Organisation"), help_text=help_text)
        if db_field.name == "country":
            help_text = _("For which it takes part. Empty: the country of the organisation.")
            return CountryField(db_field, label=_("Country"), help_text=help_text)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def name_of(self, row: Partnership) -> str:
        return str(row.partner or row.country)
