"""Public projects by facet and value, as key sets (`psf.database.keysets`), with their amounts.

Lists, figures and the pages of countries count by these sets. Sets of all projects are read from
indexes and intersected with the set of public projects. The values here hold keys and numbers only.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from partners.models import Membership, MembershipStatus
from projects.models import Call, Project
from projects.models.projects import Money
from psf.caching.values import at_each_version
from psf.database.keysets import KeySet, Values, collect, keys_of, union, within
from psf.database.sql import aggregate_keys, in_keys, parse_keys, read_rows

# Rows of a facet, a value, a detail and keys of projects, public or not. The detail of a
# country are the keys of the projects led. CROSS JOIN makes SQLite read the partnerships first.
ROWS = """
SELECT 'call', CAST(project.call_id AS text), project.status, {project_keys}
FROM projects_project AS project WHERE project.published_at <= %s
GROUP BY project.call_id, project.status
UNION ALL SELECT 'dated', 'yes', NULL, {project_keys}
FROM projects_project AS project WHERE project.starts_on IS NOT NULL OR project.ends_on IS NOT NULL
UNION ALL SELECT 'led_by_cbss', 'yes', NULL, {project_keys}
FROM projects_project AS project WHERE project.led_by_cbss
UNION ALL SELECT 'amount_kind', project.amount_kind, NULL, {project_keys}
FROM projects_project AS project GROUP BY project.amount_kind
UNION ALL SELECT 'country', part.country_id, {led_keys}, {part_keys}
FROM projects_partnership AS part GROUP BY part.country_id
UNION ALL SELECT 'not_named', part.country_id, NULL, {part_keys}
FROM projects_partnership AS part WHERE part.partner_id IS NULL GROUP BY part.country_id
UNION ALL SELECT 'kind', partner.kind, NULL, {part_keys}
FROM projects_partnership AS part CROSS JOIN partners_partner AS partner
WHERE partner.id = part.partner_id GROUP BY partner.kind
UNION ALL SELECT 'priority', CAST(link.priority_id AS text), NULL, {link_keys}
FROM projects_project_priorities AS link GROUP BY link.priority_id
UNION ALL SELECT 'topic', CAST(link.topic_id AS text), NULL, {link_keys}
FROM projects_project_topics AS link GROUP BY link.topic_id
"""
# The facet "lead" has the countries that lead. No country leads a project that the CBSS leads.
FACETS = ["call", "status", "amount_kind", "priority", "topic", "led_by_cbss", "dated"]
FACETS += ["country", "lead", "kind", "not_named"]
# The facets "all countries were members when the call closed" and "are members today". Without a
# known closing day a project has no value in the first facet.
THEN, NOW = "members_then", "members_now"
ALL, OTHERS = "all", "others"
MEMBERSHIP_CHOICES = [(ALL, _("all are member states")), (OTHERS, _("includes non-members"))]


@dataclass(frozen=True)
class ProjectSets:
    """The public projects by facet and value. A value is the key of a record as text, or a text."""

    values: Values

    @cached_property
    def everything(self) -> KeySet:
        return union(self.values["call"].values())

    def of(self, facet: str, value: object) -> KeySet:
        return self.values[facet].get(str(value), 0)

    def numbers_by_call(self) -> dict[int, int]:
        """The number of public projects by the key of the call."""
        return {int(call): keys.bit_count() for call, keys in self.values["call"].items()}


@at_each_version
def public_sets() -> ProjectSets:
    return read_sets(timezone.now())


def read_sets(at: datetime) -> ProjectSets:
    columns = {"project": "project.id", "part": "part.project_id", "link": "link.project_id"}
    keys = {f"{name}_keys": aggregate_keys(column) for name, column in columns.items()}
    keys["led_keys"] = f"{keys['part_keys']} FILTER (WHERE part.role = 'lead')"
    values = collect(FACETS, _groups(read_rows(ROWS.format(**keys), [at])))
    public_calls = Call.objects.public(at).only("time_zone", "closes_at")
    days = {str(call.pk): call.closing_day() for call in public_calls.order_by()}
    of_calls = {call: values["call"][call] for call in days.keys() & values["call"].keys()}
    values = within(values, union(of_calls.values()))
    led_by_countries = union(of_calls.values()) & ~union(values["led_by_cbss"].values())
    values["lead"] = within({"lead": values["lead"]}, led_by_countries)["lead"]
    by_day = defaultdict[date | None, KeySet](int)
    for call, public in of_calls.items():
        by_day[days[call]] |= public
    today = timezone.localdate(at)
    members = Membership.objects.filter(status=MembershipStatus.MEMBER).order_by()
    return ProjectSets(values | membership_facets(values["country"], [*members], by_day, today))


def _groups(rows: Iterable[tuple[Any, ...]]) -> Iterator[tuple[str, str, Sequence[int]]]:
    """The facets and values of the projects in rows, each with the keys."""
    for facet, value, detail, text in rows:
        keys = parse_keys(text)
        yield facet, value, keys
        if facet == "call":
            yield "status", detail, keys
        elif facet == "country":
            yield "lead", value, parse_keys(detail)


def membership_facets(
    countries: Mapping[str, KeySet],
    memberships: Iterable[Membership],
    by_day: Mapping[date | None, KeySet],
    today: date,
) -> Values:
    """Both facets of memberships, for the projects in `by_day`: by closing day of the call.

    `countries` has the projects by the code of the country. `memberships` are all those of member
    states.
    """

    def with_others(day: date) -> KeySet:
        """The projects with a country that was no member state on the day."""
        members = {row.country_id for row in memberships if row.holds_on(day)}
        return union(projects for code, projects in countries.items() if code not in members)

    everything, dated = union(by_day.values()), {day: keys for day, keys in by_day.items() if day}
    then = union(projects & with_others(day) for day, projects in dated.items())
    now = with_others(today)
    values = {
        THEN: {ALL: union(dated.values()) & ~then, OTHERS: then},
        NOW: {ALL: everything & ~now, OTHERS: everything & now},
    }
    return within(values, everything)


# The calls


def public_calls() -> list[Call]:
    """The calls that are public now with their decisions, in their usual order."""
    return list(Call.objects.public().select_related("decision"))


# The amounts


@at_each_version
def money_of(projects: KeySet) -> list[Money]:
    """The sums of the amounts of public projects, one entry per kind."""
    return Project.objects.public().filter(pk__in=in_keys(Project, keys_of(projects))).money()


@at_each_version
def amounts_by(group: str) -> dict[Any, dict[str, Money]]:
    """The amounts of public projects by kind: of each call, or of those led by each country."""
    projects, field = Project.objects.public(), "call"
    if group == "country":
        projects = projects.filter(partnerships__role="lead", led_by_cbss=False)
        field = "partnerships__country"
    return {
        value: {row.kind: row for row in rows} for value, rows in projects.money_by(field).items()
    }
