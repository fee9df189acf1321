"""The columns of a file, in the order of the template, with what is to be entered."""

from django.utils.translation import gettext_lazy as _

REQUIRED = ["reference", "title", "partner_role", "partner_name", "partner_country"]
# What only those who decide may set.
DECIDED = ["status", "amount", "amount_kind"]


_PROJECT = {
    "reference": _("Such as PSF-2019-01. Rows with one reference are one project."),
    "acronym": _("Up to 50 characters."),
    "title": _("Up to 300 characters."),
    "summary": _(
        "Up to 500 characters. A longer one becomes the description, if there is no other."
    ),
    "description": _("Up to 20 000 characters."),
    "starts_on": _("The first day, such as 2019-09-01."),
    "ends_on": _("The last day, such as 2020-11-30."),
    "status": _("Only for those who may decide. Without it a new project is submitted."),
    "amount": _("EUR, such as 65000.00. Only for those who may decide, with its kind."),
    "amount_kind": _("Only for those who may decide."),
    "currency": _("EUR or empty: amounts are kept in EUR alone."),
    "total_cost": _("EUR, the partners’ own part included."),
    "website": _("The project’s, with https://."),
    "priority": _("Names of priorities, with semicolons between several."),
}
_PARTNER = {
    "partner_role": _("One lead partner in each project."),
    "partner_name": _("The organisation’s name, in any tongue."),
    "partner_country": _("A name or an ISO code."),
    "partner_kind": _("Without it a new organisation is “other”."),
    "partner_website": _("The organisation’s, with https://."),
}
COLUMNS = _PROJECT | _PARTNER
PROJECT_COLUMNS = list(_PROJECT)
PARTNER_COLUMNS = list(_PARTNER)
