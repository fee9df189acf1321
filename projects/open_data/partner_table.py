"""The tables of organisations and of their participations, and the sources of their fields."""

from collections import defaultdict
from collections.abc import Mapping
from functools import cache

from django.db.models import F, QuerySet
from django.utils.text import capfirst

from partners.facts import NAME, PARTNER
from partners.models import Merger, Partner, PartnerKind, PartnerName
from projects.facts import DECLARED, LISTED
from projects.models import Partnership
from projects.open_data.dictionary import build_table, partner_address, project_address
from psf.database.sql import in_keys
from psf.exports.fields import FieldSource, Key, Load, Record, related
from psf.facts.facts import Facts


def public_partnerships() -> QuerySet[Partnership]:
    """In the order of the list of projects, and within a project in the published order."""
    closing = F("project__call__closes_at").desc(nulls_first=True)
    rows = Partnership.objects.public()
    return rows.order_by(closing, "project__reference", "role", "position", "pk")


load_participations: Load = related(
    public_partnerships, "partner", LISTED["participation"].paths(address=project_address)
)


def relatives(column: str, by: str) -> FieldSource:
    """Public organisations of the `column` by name, by the organisation in the column `by`."""

    def load(records: Mapping[Key, Record]) -> Mapping[Key, object]:
        rows = Partner.objects.filter(**{f"{by}__in": in_keys(Partner, records)})
        holders = defaultdict(list)
        for key, relative in rows.exclude(**{column: None}).values_list(by, column):
            holders[relative].append(key)
        public = Partner.objects.public().filter(pk__in=in_keys(Partner, holders))
        in_order = public.order_by("folded", "slug").values_list("pk", "name", "slug")
        lists = defaultdict(list)
        for relative, name, slug in in_order:
            for key in holders[relative]:
                lists[key].append({"name": name, "address": partner_address(slug)})
        return lists

    return FieldSource(load=load)


def load_former_slugs(records: Mapping[Key, Record]) -> Mapping[Key, object]:
    mergers = Merger.objects.in_force().filter(winner__in=in_keys(Partner, records))
    lists: defaultdict[Key, list[str]] = defaultdict(list)
    for key, slug in mergers.order_by("slug").values_list("winner", "slug"):
        lists[key].append(slug)
    return lists


def load_succession_days(records: Mapping[Key, Record]) -> Mapping[Key, object]:
    """The day of succession, if the page shows the successor."""
    rows = Partner.objects.filter(pk__in=in_keys(Partner, records), succeeded_on__isnull=False)
    days = list(rows.values_list("pk", "successor", "succeeded_on"))
    successors = in_keys(Partner, {successor for _key, successor, _day in days})
    public = {*Partner.objects.public().filter(pk__in=successors).values_list("pk", flat=True)}
    return {key: day for key, successor, day in days if successor in public}


@cache
def kind_label(kind: str) -> str:
    return capfirst(str(PartnerKind(kind).label))


SOURCES = {
    "kind_label": FieldSource("kind", kind_label),
    "names": FieldSource(
        load=related(
            lambda: PartnerName.objects.order_by("kind", "language", "text"),
            "partner",
            NAME.paths(),
        )
    ),
    "parent": relatives("parent", "pk"),
    "units": relatives("pk", "parent"),
    "predecessors": relatives("pk", "successor"),
    "successor": relatives("successor", "pk"),
    "succeeded_on": FieldSource(load=load_succession_days),
    "projects": FieldSource(load=load_participations),
    "former_slugs": FieldSource(load=load_former_slugs),
    "address": FieldSource("slug", partner_address),
}

PARTNERS = build_table("partners", PARTNER, lambda: Partner.objects.public().for_list(), SOURCES)

PARTNERSHIPS = build_table(
    "partnerships",
    Facts(DECLARED.facts["partnerships"], Partnership),
    public_partnerships,
    {"address": FieldSource("project__slug", project_address)},
)
