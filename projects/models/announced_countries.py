from typing import Any, NamedTuple

from django.utils.text import get_text_list
from django.utils.translation import gettext as _


class Disagreement(NamedTuple):
    """Countries, or their names, only in the headline, and those only in the partner list."""

    only_announced: list[Any]
    only_listed: list[Any]

    def in_words(self) -> str:
        """ "only in the headline: Estonia; only in the list of partners: Norway"."""
        parts = [
            (self.only_announced, _("only in the headline: %(countries)s")),
            (self.only_listed, _("only in the list of partners: %(countries)s")),
        ]
        return "; ".join(
            sentence % {"countries": get_text_list([str(row) for row in countries], _("and"))}
            for countries, sentence in parts
            if countries
        )


def disagreement_between(announced: list[Any], listed: list[Any]) -> Disagreement | None:
    """The different countries of headline and partner list; None without a difference.

    Also None without a published headline. Numbers use the partner list.
    """
    only_announced = [country for country in announced if country not in listed]
    only_listed = [country for country in listed if country not in announced]
    if announced and (only_announced or only_listed):
        return Disagreement(only_announced, only_listed)
    return None
