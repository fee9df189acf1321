"""The columns of a file, in the order of the template, each with its instruction."""

from collections.abc import Iterator

from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy as _

from projects.imports.limits import MOST_COLUMNS
from projects.imports.problems import Problem, Refused, refuse

REQUIRED = ["reference", "title", "partner_role", "partner_name", "partner_country"]
# Columns that need the permission to decide.
DECIDED = ["status", "amount", "amount_kind"]


_PROJECT = {
    "reference": _("Such as PSF-2019-01. Rows with one reference are one project."),
    "acronym": _("Up to 50 characters."),
    "title": _("Up to 300 characters."),
    "summary": _(
        "Up to 500 characters. A longer summary becomes the description, if that column is empty."
    ),
    "description": _("Up to 20 000 characters."),
    "starts_on": _(
        "The first day, such as 2019-09-01. Empty if only the month is known: enter it in the form."
    ),
    "ends_on": _(
        "The last day, such as 2020-11-30. Empty if only the month is known: enter it in the form."
    ),
    "status": _("Only for publishers. Empty: a new project is submitted."),
    "amount": _("EUR, such as 65000.00, with amount_kind. Only for publishers."),
    "amount_kind": _("Only for publishers."),
    "currency": _("EUR or empty. All amounts are in EUR."),
    "total_cost": _("EUR, including the contribution of the partners."),
    "requested_amount": _("EUR, requested in the application. Never shown to readers."),
    "received_on": _("The day of receipt of the application, such as 2019-03-28."),
    "website": _("Website of the project, with https://."),
    "priority": _("Names of priorities, with semicolons between several."),
    "topics": _("Names of topics, with semicolons between several."),
}
_PARTNER = {
    "partner_role": _("A project has one lead partner."),
    "partner_name": _("Name of the organisation, in any language."),
    "partner_country": _("A name or an ISO code."),
    "partner_kind": _("Empty: the kind of a new organisation is not known."),
    "partner_name_language": _(
        "Language code of the name, such as lv. Empty: the language is unknown."
    ),
    "partner_website": _("Website of the organisation, with https://."),
}
COLUMNS = _PROJECT | _PARTNER
PROJECT_COLUMNS = list(_PROJECT)
PARTNER_COLUMNS = list(_PARTNER)


def columns_for(*, may_decide: bool) -> dict[str, Promise]:
    """The columns that a person may fill in, each with its instruction."""
    return {name: text for name, text in COLUMNS.items() if may_decide or name not in DECIDED}


def read_columns(heads: list[object]) -> list[str]:
    """The columns of the first row, without empty cells at the end. Raises `Refused`."""
    names = [_column(head) for head in heads]
    while names and not names[-1]:
        names.pop()
    if len(names) > MOST_COLUMNS:
        raise refuse(
            gettext("The file has %(count)d columns. At most %(most)d are allowed.")
            % {"count": len(names), "most": MOST_COLUMNS}
        )
    if not set(names) & COLUMNS.keys():
        why = gettext("The first row has no column names.") + _all_columns()
        raise refuse(why, row=1, value="; ".join(names))
    if problems := [Problem(1, name, "", why) for name, why in _wrong_names(names)]:
        raise Refused(problems)
    return names


def _column(head: object) -> str:
    """The column of a heading: "Partner name" is `partner_name`. An unknown heading stays."""
    text = "" if head is None else str(head).strip()
    name = "_".join(text.lower().split())
    return name if name in COLUMNS else text


def _all_columns() -> str:
    return gettext(" The columns are: %(columns)s.") % {"columns": ", ".join(COLUMNS)}


def _wrong_names(names: list[str]) -> Iterator[tuple[str, str]]:
    """Unknown, duplicate and missing columns, each with an explanation."""
    unknown = [name for name in dict.fromkeys(names) if name not in COLUMNS]
    for name in unknown:
        columns = _all_columns() if name == unknown[0] else ""
        yield name, gettext("This column does not exist.") + columns
    for name in COLUMNS:
        if names.count(name) > 1:
            yield name, gettext("Two columns have this name. Delete one.")
    for name in REQUIRED:
        if name not in names:
            yield name, gettext("This column is missing.")
