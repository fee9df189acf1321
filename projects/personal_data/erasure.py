"""Erases a person on request."""

from typing import NamedTuple

from django.contrib.auth.models import User
from django.db.models import Q

from projects.models import Contact
from projects.personal_data.retention import IDENTIFIERS, MIN_LENGTH, redact_person
from psf.history import recording
from psf.history.models import Channel


class Erasure(NamedTuple):
    """The numbers of deleted contact persons and of redacted letters."""

    contacts: int
    letters: int


def erase_person(text: str, by: User | None) -> Erasure:
    """Delete the contact persons with this name, address or number, and redact the letters.

    All names, addresses and numbers of these persons are removed from all letters and from the
    history of letters, unless another contact person has the same. Other texts stay: staff must
    edit them.
    """
    matches = Q()
    for name in IDENTIFIERS:
        matches |= Q(**{f"{name}__iexact": text})
    with recording.change_set(by, channel=Channel.FORM if by else Channel.COMMAND):
        contacts = Contact.objects.filter(matches)
        values = [value for row in contacts.values_list(*IDENTIFIERS) for value in row]
        deleted = contacts.erase()
        # Such as the address of an office that another contact person has too.
        others = {
            value.lower() for row in Contact.objects.values_list(*IDENTIFIERS) for value in row
        }
        own = {value.lower() for value in values if len(value) >= MIN_LENGTH} - others
        identifiers = own | {text.lower()}
        return Erasure(deleted, redact_person(identifiers))
