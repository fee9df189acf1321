"""The tables of calls, countries and organisations, and all tables of the whole data set."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache

from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.text import capfirst

from partners.facts import COUNTRY, MEMBERSHIP, NAME, PARTNER
from partners.models import Country, Membership, Merger, Partner, PartnerKind, PartnerName
from partners.models.countries import BY_START
from partners.pages.countries import membership_status
from projects.amounts import summed_amounts
from projects.eligibility.rules import rules_of
from projects.facts import CALL, DECLARED, LISTED
from projects.models import Call, Decision, Partnership, Project
from projects.open_data.project_table import (
    PROJECTS,
    TABLES,
    build_table,
    call_address,
    citations,
    country_address,
    of_record,
    partner_address,
    project_address,
    read_records,
    terms,
)
from psf.database.sql import in_keys
from psf.exports.fields import FieldSource, Key, Load, Record, precision, related
from psf.exports.tables import PublicTable
from psf.facts.facts import Facts


def of_decision(name: str) -> FieldSource:
    """An attribute of the decision; None before the decision is public."""
    return of_record(lambda call: getattr(call.public_decision(), name, None))


def announced(name: str) -> FieldSource:
    return of_record(lambda call: getattr(call.announced_counts(), name))


CALL_SOURCES = {
    "phase": of_record(lambda call: call.phase().value),
    "phase_label": of_record(lambda call: capfirst(str(call.phase().label))),
    "opens_precision": precision("opens_precision", "opens_at"),
    "opens": of_record(Call.opens),
    "closes_precision": precision("closes_precision", "closes_at"),
    "closes": of_record(Call.closes),
    "priorities": terms(lambda: Call.priorities.through.objects.all(), "priority", "call"),
    "topics": terms(lambda: Call.topics.through.objects.all(), "topic", "call"),
    "rules": of_record(
        lambda call: [f"{rule.label}: {rule.in_words()}" for rule in rules_of(call)]
    ),
    "received_count": announced("received"),
    "eligible_count": announced("eligible"),
    "funded_count": announced("funded"),
    "amounts": of_record(
        lambda call: [str(row) for row in summed_amounts(call.projects.public().money())]
    ),
    "decided_by": of_decision("body"),
    "decided_on": of_decision("decided_on"),
    "announced_on": of_decision("announced_on"),
    "decision_mode": of_decision("mode"),
    "decision_mode_label": of_record(
        lambda call: str(call.decision.get_mode_display()) if call.public_decision() else None
    ),
    "decision_meeting": of_decision("meeting"),
    "decision_reference": of_decision("reference"),
    "decision_published_at": of_decision("published_at"),
    "sources": citations("call"),
    "address": of_record(lambda call: call_address(call.slug)),
}

CALLS = build_table(
    "calls", CALL, lambda: Call.objects.public().for_list(), CALL_SOURCES, base=read_records
)


def periods_of(country: Country) -> list[Record]:
    return [
        {
            "status": row.status,
            "period": row.period(),
            "valid_from": row.valid_from,
            "from_precision": row.from_precision if row.valid_from else None,
            "valid_to": row.valid_to,
            "source": row.source,
        }
        for row in country.memberships.all()
    ]


COUNTRY_SOURCES = {
    "membership": of_record(lambda country: membership_status(country, timezone.localdate())),
    "memberships": of_record(periods_of),
    "number_of_partners": of_record(Country.named_partners),
    "address": of_record(lambda country: country_address(country.slug)),
}

COUNTRIES = build_table(
    "countries",
    COUNTRY,
    lambda: Country.objects.public().for_page(),
    COUNTRY_SOURCES,
    base=read_records,
)

MEMBERSHIP_SOURCES = {
    "from_precision": precision("from_precision", "valid_from"),
}


def memberships() -> QuerySet[Membership]:
    """All memberships. The public page of the country shows all of them too."""
    holder = Coalesce("country__name", "organisation")
    return Membership.objects.annotate(holder=holder).order_by("holder", *BY_START)


MEMBERSHIPS = build_table("memberships", MEMBERSHIP, memberships, MEMBERSHIP_SOURCES)


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


PARTNER_SOURCES = {
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

PARTNERS = build_table(
    "partners", PARTNER, lambda: Partner.objects.public().for_list(), PARTNER_SOURCES
)

PARTNERSHIPS = build_table(
    "partnerships",
    Facts(DECLARED.facts["partnerships"], Partnership),
    public_partnerships,
    {"address": FieldSource("project__slug", project_address)},
)


class WithdrawnTable(PublicTable):
    """The withdrawn pages of calls, results and projects. Their rows are of three models."""

    def all_records(self) -> Iterator[Record]:
        withdrawn: list[tuple[str, QuerySet]] = [
            ("call", Call.objects.unpublished().order_by("slug")),
            ("results", Decision.objects.unpublished().order_by("call__slug")),
            ("project", Project.objects.unpublished().order_by("reference")),
        ]
        for kind, rows in withdrawn:
            for row in rows if kind == "call" else rows.select_related("call"):
                call = getattr(row, "call", row)
                yield {
                    "kind": kind,
                    "reference": getattr(row, "reference", ""),
                    "call_slug": call.slug,
                    "slug": getattr(row, "slug", call.slug),
                    "unpublished_at": row.unpublished_at,
                    "reason": row.unpublished_reason,
                }


WITHDRAWN = WithdrawnTable(
    "withdrawn",
    **TABLES["withdrawn"],
    rows=Project.objects.unpublished,
    fields=Facts(DECLARED.facts["withdrawn"]).data_fields({}, {}),
    base=None,
)
PACKAGE_TABLES = [PROJECTS, PARTNERSHIPS, PARTNERS, CALLS, COUNTRIES, MEMBERSHIPS, WITHDRAWN]
