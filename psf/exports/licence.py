"""The licence of the public data as a whole, chosen by the secretariat."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from django.core.exceptions import ImproperlyConfigured

NAME_AND_ADDRESS = re.compile(r"(\S.*?) +(https?://[^\s\"<>]+)")


class Licence(NamedTuple):
    """The name of a licence and the address of its text."""

    name: str
    url: str


def read_licence(environ: Mapping[str, str]) -> Licence | None:
    """The name and address in DATA_LICENCE; None if no licence is chosen."""
    value = environ.get("DATA_LICENCE", "").strip()
    if not value:
        return None
    match = NAME_AND_ADDRESS.fullmatch(value)
    if not match:
        raise ImproperlyConfigured(
            "DATA_LICENCE must be the name of a licence and the address of its text, such as "
            f"CC BY 4.0 https://creativecommons.org/licenses/by/4.0/; it is {value!r}."
        )
    return Licence(*match.groups())
