"""Identifiers of organisations: numbers of public registers in the lists of org-id.guide."""

import re

from django.conf import settings

from partners.models import Partner

UNREGISTERED = "unregistered"
# By country: the list, and the form of a number of a legal person. Numbers of another form, and
# numbers of registers with several lists, stay without a list.
LISTS = {
    "DK": ("DK-CVR", r"\d{8}"),
    "EE": ("EE-RIK", r"\d{8}"),
    "FI": ("FI-PRO", r"(\d{7})(\d)"),
    "IS": ("IS-KEN", r"[4-7]\d{9}"),  # other first digits belong to persons
    "LT": ("LT-RC", r"\d{9}"),
    "LV": ("LV-RE", r"\d{11}"),
    "NO": ("NO-BRC", r"\d{9}"),
    "PL": ("PL-KRS", r"\d{10}"),
    "RU": ("RU-OGRN", r"\d{13}"),
    "SE": ("SE-ON", r"\d{10}"),
}


def own_id(name: str) -> str:
    """An identifier of this publisher: 360G, the prefix of the publisher, and the name."""
    return f"360G-{settings.GRANTS360_PREFIX or UNREGISTERED}-{name}"


def register_id(country: str, number: str) -> str:
    """The identifier in the register of the country, such as "LV-RE-40003032949"; "" without."""
    code, form = LISTS.get(country, ("", r"(?!)"))
    match = re.fullmatch(form, number)
    if match is None:
        return ""
    return f"{code}-{'-'.join(match.groups()) or number}"


def organisation_id(partner: Partner) -> str:
    """The identifier in a public register, or else an identifier of this publisher."""
    number = register_id(partner.country_id, partner.registry_number)
    return number or own_id(f"org-{partner.slug}")
