"""Where the records name a person, and the erasure of the person."""

from collections.abc import Iterator
from functools import reduce
from operator import or_
from typing import NamedTuple

from django.apps import apps
from django.contrib.auth.models import User
from django.db.models import CharField, Model, Q, TextField
from django.db.models.functions import Cast
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _, gettext_lazy

from projects.models import CallSubscription, Contact, Document, Evidence, FormMail, Letter
from projects.personal_data.retention import IDENTIFIERS, MIN_LENGTH, redact_person, redact_persons
from psf.audit.models import AuditEvent
from psf.files.store import all_files, path_of
from psf.files.types import texts_in
from psf.history import recording
from psf.history.models import Change, ChangeSet, Channel
from psf.history.tracking import model_of, parent_columns
from psf.text.folding import FoldedField

# Values of the system, and words that the search index takes from other records.
SKIPPED = {"contenttypes.contenttype", "sessions.session", "psf.staffsession", "psf.searchword"}
SKIPPED |= {"history.change"}  # searched by `_of_history()`
CONTEXT = 60  # characters before and after the searched text
ERASED = {CallSubscription, Contact, FormMail, Letter}
# The texts of other models can be confidential, for example an open assessment.
WITH_EXCERPT = {*ERASED, User}
STAYS_IN: dict[type[Model], Promise] = {
    ChangeSet: gettext_lazy("the history"),
    AuditEvent: gettext_lazy("the audit log"),
    Evidence: gettext_lazy("the evidence"),
}


class Mention(NamedTuple):
    """A stored text that names a person.

    `excerpt` is "" for models whose texts can be confidential. `url` is the address of the form
    for staff, or "". `is_erased` says whether `erase_person()` removes the text. `stays_in` names
    the place of a text that no form can change, or "".
    """

    record: str
    field: str
    excerpt: str
    url: str
    is_erased: bool
    stays_in: str | Promise = ""


def find_mentions(text: str) -> list[Mention]:
    """Return the texts that contain `text`, in capital or small letters."""
    searched: list[type[Model]] = [
        model
        for model in apps.get_models()
        if model._meta.managed and not model._meta.proxy and model._meta.label_lower not in SKIPPED
    ]
    mentions = [mention for model in searched for mention in _of_model(model, text)]
    return [*mentions, *_of_files(text), *_of_history(text)]


def _of_model(model: type[Model], text: str) -> Iterator[Mention]:
    fields = [
        field
        for field in model._meta.local_fields
        if isinstance(field, CharField | TextField) and not isinstance(field, FoldedField)
    ]
    if not fields:
        return
    contains = reduce(or_, (Q(**{f"{field.name}__icontains": text}) for field in fields))
    related = [field.name for field in model._meta.local_fields if field.is_relation]
    rows = model._base_manager.filter(contains).select_related(*related).order_by("pk")
    for record in rows.iterator():
        name = f"{capfirst(str(model._meta.verbose_name))}: {record}"
        for field in fields:
            value = getattr(record, field.attname)
            if value and text.lower() in str(value).lower():
                label = capfirst(str(field.verbose_name))
                words = excerpt(str(value), text) if model in WITH_EXCERPT else ""
                url, is_erased = _form_url(record), _is_erased(record, field.name, value, text)
                yield Mention(name, label, words, url, is_erased, STAYS_IN.get(model, ""))


def _is_erased(record: Model, column: str, value: str, text: str) -> bool:
    """Whether `erase_person()` removes the value: only whole names, addresses and numbers."""
    if isinstance(record, Contact):
        return text.lower() in {getattr(record, name).lower() for name in IDENTIFIERS}
    if isinstance(record, FormMail | CallSubscription):
        return column == "address" and text.lower() == value.lower()
    return isinstance(record, Letter) and redact_persons({text.lower()})(column, value) != value


def _of_files(text: str) -> Iterator[Mention]:
    """Yield the stored files with the text, such as the form of an application.

    The file of a removed document stays until an operator deletes it.
    """
    rows = Document.objects.select_related("project").order_by("pk")
    documents = {row.stored_name: row for row in rows}
    removed = [path.name for path in all_files() if path.name not in documents]
    for name in [*documents, *removed]:
        if any(text.lower() in words.lower() for words in texts_in(path_of(name))):
            row = documents.get(name)
            document = f"{row.project.reference}, {row}" if row else _("removed, file %s") % name
            record = f"{capfirst(str(Document._meta.verbose_name))}: {document}"
            stays_in = _("the file, until an operator deletes it")
            if row:
                stays_in = _("the file, until you remove the document and an operator deletes it")
            yield Mention(record, _("File"), "", _form_url(row) if row else "", False, stays_in)


def _of_history(text: str) -> Iterator[Mention]:
    """Yield the earlier values. Erasure redacts the values of letters."""
    changes = Change.objects.annotate(
        old_text=Cast("before", TextField()), new_text=Cast("after", TextField())
    ).filter(Q(old_text__icontains=text) | Q(new_text__icontains=text))
    redact = redact_persons({text.lower()})
    for change in changes.order_by("pk").iterator():
        model = model_of(change.kind)
        values = [*change.old().items(), *change.new().items()]
        yield Mention(
            f"{capfirst(str(model._meta.verbose_name))} {change.key}",
            capfirst(str(Change._meta.verbose_name)),
            "",
            _admin_url(model_of(change.record_kind), change.record_key),
            model is Letter and any(redact(name, value) != value for name, value in values),
            stays_in=STAYS_IN[ChangeSet],
        )


def excerpt(value: str, text: str) -> str:
    start = value.lower().find(text.lower())
    end = start + len(text) + CONTEXT
    before = "…" if start > CONTEXT else ""
    return before + value[max(start - CONTEXT, 0) : end] + ("…" if end < len(value) else "")


def _form_url(record: Model) -> str:
    """Return the address of the form of a record; for a part, of the record that has the part."""
    model = type(record)
    owners = [(model_of(kind), getattr(record, column)) for kind, column in parent_columns(model)]
    return _admin_url(*next((owner for owner in owners if owner[1]), (model, record.pk)))


def _admin_url(model: type[Model], key: object) -> str:
    try:
        return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[key])
    except NoReverseMatch:
        return ""


class Erasure(NamedTuple):
    """The numbers of deleted contact persons and of redacted letters."""

    contacts: int
    letters: int


def erase_person(text: str, by: User) -> Erasure:
    """Delete contact persons and readers with this name, address or number; redact letters.

    All names, addresses and numbers of these persons are removed from all letters and from the
    history of letters, unless another contact person has the same. Other texts stay: staff must
    edit them.
    """
    matches = Q()
    for name in IDENTIFIERS:
        matches |= Q(**{f"{name}__iexact": text})
    with recording.change_set(by, channel=Channel.FORM):
        contacts = Contact.objects.filter(matches)
        values = [value for row in contacts.values_list(*IDENTIFIERS) for value in row]
        deleted = contacts.erase()
        # Such as the address of an office that another contact person has too.
        in_use = {
            value.lower() for row in Contact.objects.values_list(*IDENTIFIERS) for value in row
        }
        own = {value.lower() for value in values if len(value) >= MIN_LENGTH} - in_use
        identifiers = own | {text.lower()}
        CallSubscription.objects.filter(address__in=identifiers).delete()
        return Erasure(deleted, redact_person(identifiers))
