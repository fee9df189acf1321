"""The facets "all countries were members when the call closed" and "are members today".

Without a known closing day a project has no value in the first facet.
"""

from collections.abc import Iterable, Mapping
from datetime import date

from django.utils.translation import gettext_lazy as _

from partners.models import Membership
from psf.database.keysets import KeySet, Values, union, within

THEN, NOW = "members_then", "members_now"
ALL, OTHERS = "all", "others"
CHOICES = [(ALL, _("all are member states")), (OTHERS, _("includes non-members"))]


def membership_facets(
    countries: Mapping[str, KeySet],
    memberships: Iterable[Membership],
    by_day: Mapping[date | None, KeySet],
    today: date,
) -> Values:
    """Both facets of the projects in `by_day`, which has the projects by closing day of the call.

    `countries` has the projects by the code of the country. `memberships` are all those of member
    states.
    """

    def with_others(day: date) -> KeySet:
        """The projects with a country that was no member state on the day."""
        members = {row.country_id for row in memberships if row.holds_on(day)}
        return union(projects for code, projects in countries.items() if code not in members)

    everything, known = union(by_day.values()), {day: keys for day, keys in by_day.items() if day}
    then = union(projects & with_others(day) for day, projects in known.items())
    others = with_others(today)
    values = {
        THEN: {ALL: union(known.values()) & ~then, OTHERS: then},
        NOW: {ALL: everything & ~others, OTHERS: everything & others},
    }
    return within(values, everything)
