"""The public figures, counted again from the records: without key sets and caches."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from decimal import Decimal
from itertools import combinations
from typing import Any

from django.utils import timezone

from partners.pages.countries import public_countries
from partners.pages.list_index import public_partner_sets
from projects.figures.cooperation import numbers_of_pairs
from projects.figures.records import load_records
from projects.list_index.facet_sets import amounts_by
from projects.models import Call, Partnership, Project, Role
from projects.models.choices import AmountKind
from projects.models.projects import Money
from projects.pages.coverage import coverage_of, load_coverage
from psf.database.keysets import keys_of
from psf.site.home import home_context

Figures = dict[str, str]  # the figure in words, by what is counted
Amount = tuple[str, Decimal | None]
# A group, a project of the group, and whether the group leads the project.
Member = tuple[object, int, bool]
GROUPS = ["call", "country"]
PART = ["project", "country", "role", "partner", "partner__country"]
PART += ["project__led_by_cbss"]


def find_differences() -> list[str]:
    """A line for each figure that the pages show and the records do not give."""
    shown, counted = shown_figures(), counted_figures()
    return [
        f"{name}: the pages show {shown.get(name)}, the records give {counted.get(name)}"
        for name in sorted(shown.keys() | counted.keys())
        if shown.get(name) != counted.get(name)
    ]


def shown_figures() -> Figures:
    """The figures as the pages get them."""
    records = load_records()
    calls, countries = amounts_by("call"), amounts_by("country")
    figures = {
        f"call {call}": _in_words(number, number, [*calls[call].values()])
        for call, number in records.sets.numbers_by_call().items()
    }
    for line in records.lines:
        money = countries.get(line.country.code, {}).values()
        figures[f"country {line.country.code}"] = _in_words(line.projects, line.led, [*money])
    for row in public_countries():
        if row.number_of_projects or row.number_of_partners:
            numbers = [row.number_of_projects, row.number_of_partners, row.has_unnamed]
            figures[f"page of the country {row.pk}"] = str(numbers)
    for number, partners in public_partner_sets()["number"].items():
        figures |= {f"projects of the organisation {key}": number for key in keys_of(partners)}
    for pair, shared in numbers_of_pairs(records.sets).items():
        figures[f"projects shared by {' and '.join(pair)}"] = str(shared)
    figures["home"] = str(home_context()["number_of_projects"])
    return figures | {"coverage": str(load_coverage())}


def counted_figures() -> Figures:
    """The same figures from the rows of projects, calls and partnerships."""
    now = timezone.now()
    calls = list(Call.objects.filter(published_at__lte=now).select_related("decision"))
    projects = Project.objects.filter(published_at__lte=now, call__in=calls).order_by()
    rows = list(projects.values_list("pk", "call", "amount_kind", "amount_eur"))
    amounts = {project: (kind, amount) for project, _call, kind, amount in rows}
    part_rows = Partnership.objects.order_by().values_list(*PART, named=True)
    parts = [part for part in part_rows.iterator() if part.project in amounts]
    groups: list[list[Member]] = [
        [(call, project, True) for project, call, *_amount in rows],
        [
            (part.country, part.project, part.role == Role.LEAD and not part.project__led_by_cbss)
            for part in parts
        ],
    ]
    figures = {
        f"{name} {key}": words
        for name, members in zip(GROUPS, groups, strict=True)
        for key, words in _sums(members, amounts)
    }
    here = Counter(country for country, _pk in {(part.country, part.project) for part in parts})
    joined = Counter(partner for partner, _pk in {(part.partner, part.project) for part in parts})
    figures |= {f"projects of the organisation {key}": str(n) for key, n in joined.items() if key}
    countries = defaultdict[int, set[str]](set)
    for part in parts:
        countries[part.project].add(part.country)
    pairs = Counter(pair for codes in countries.values() for pair in combinations(sorted(codes), 2))
    figures |= {f"projects shared by {' and '.join(pair)}": str(n) for pair, n in pairs.items()}
    seats = {(part.partner__country, part.partner) for part in parts if part.partner}
    seated = Counter(code for code, _pk in seats)
    unnamed = {part.country for part in parts if part.partner is None}
    for code in here | seated:
        numbers = [here[code], seated[code], code in unnamed]
        figures[f"page of the country {code}"] = str(numbers)
    figures["coverage"] = str(coverage_of(calls, Counter(call for _pk, call, *_amount in rows)))
    return figures | {"home": str(len(rows))}


def _sums(members: list[Member], amounts: dict[int, Amount]) -> Iterator[tuple[object, str]]:
    """Each group with its sums: of all its projects, and of the amounts of those it leads."""
    projects, led = defaultdict(set), defaultdict(set)
    for key, project, leads in members:
        projects[key].add(project)
        if leads:
            led[key].add(project)
    for key, keys in projects.items():
        money = _money([amounts[project] for project in led[key]])
        yield key, _in_words(len(keys), len(led[key]), money)


def _money(amounts: list[Amount]) -> list[Money]:
    by_kind: dict[str, list[Any]] = {kind: [] for kind in AmountKind}
    for kind, amount in amounts:
        by_kind[kind].append(amount)
    unknown = by_kind.pop(AmountKind.NOT_PUBLISHED)
    money = [Money(kind, len(of), sum(of), min(of), max(of)) for kind, of in by_kind.items() if of]
    last = Money(AmountKind.NOT_PUBLISHED, len(unknown), None, None, None)
    return [*money, last] if unknown else money


def _in_words(projects: int, led: int, money: list[Money]) -> str:
    words = [f"projects {projects}, led {led}"]
    for line in money:
        values = [f"{value:.2f}" for value in line[2:] if value is not None]
        words.append(" ".join([f"{line.kind} {line.count}", *values]))
    return ", ".join(words)
