"""Random worlds of calls, projects and partners, and what a plain count makes of them."""

from collections import defaultdict
from datetime import UTC, datetime
from decimal import Decimal
from itertools import combinations

from hypothesis import strategies as st

from tests.support.cases import HIDDEN_PROJECTS
from tests.support.factories import (
    make_call,
    make_country,
    make_partner,
    make_partnership,
    make_priority,
    make_project,
)

CODES = ["LV", "FI", "SE", "RU"]
KINDS = ["ngo", "ministry", "university"]
AMOUNTS = st.one_of(
    st.just(("not_published", None)),
    st.tuples(st.sampled_from(["ceiling", "awarded", "final", "returned"]), st.integers(1, 65_000)),
)
# An organisation by its number, or only the country; the first of a project leads.
PARTS = st.lists(st.one_of(st.integers(0, 5), st.sampled_from(CODES)), unique=True, max_size=5)
PROJECTS = st.lists(
    st.fixed_dictionaries(
        {
            "call": st.integers(0, 2),
            "amount": AMOUNTS,
            "parts": PARTS,
            "priorities": st.sets(st.integers(0, 1)),
            "public": st.booleans(),
        }
    ),
    max_size=8,
)
YEARS = [2018, 2019, None]


class World:
    """The records of a drawn list of projects; `public` keeps those that readers may see."""

    def __init__(self, drawn):
        self.calls = [self.call(year) for year in YEARS]
        self.partners = [
            make_partner(country=CODES[number % 4], kind=KINDS[number % 3]) for number in range(6)
        ]
        self.priorities = [make_priority(), make_priority()]
        for code in CODES:
            make_country(code)
        self.public = [each for each in drawn if each["public"]]
        for each in drawn:
            self.make(each)
        for make in HIDDEN_PROJECTS:
            make()

    @staticmethod
    def call(year):
        return make_call(opens_at=None, closes_at=year and datetime(year, 3, 31, 12, tzinfo=UTC))

    def make(self, each):
        kind, amount = each["amount"]
        project = make_project(
            call=self.calls[each["call"]],
            status="funded",
            published_at=datetime(2019, 8, 16, tzinfo=UTC) if each["public"] else None,
            amount_kind=kind,
            amount_eur=amount,
        )
        for position, part in enumerate(each["parts"]):
            partner = self.partners[part] if isinstance(part, int) else None
            make_partnership(
                project, partner, country=part if partner is None else "", role=role(position)
            )
        project.priorities.set([self.priorities[number] for number in each["priorities"]])

    def country_of(self, part):
        return CODES[part % 4] if isinstance(part, int) else part

    def kind_of(self, part):
        return KINDS[part % 3] if isinstance(part, int) else None


def role(position):
    return "partner" if position else "lead"


def tally(projects, keys_of, lead_key_of=None):
    """By key: how many projects, and of those led their amounts by kind, counted in Python.

    `keys_of` gives the keys of a project, `lead_key_of` the one with which its amount stands.
    """
    numbers = defaultdict(int)
    amounts = defaultdict(lambda: defaultdict(lambda: [0, None]))
    for each in projects:
        keys = set(keys_of(each))
        for key in keys:
            numbers[key] += 1
        for key in keys if lead_key_of is None else lead_key_of(each):
            kind, amount = each["amount"]
            entry = amounts[key][kind]
            entry[0] += 1
            if amount is not None:
                entry[1] = (entry[1] or Decimal(0)) + amount
    return {
        key: (number, {kind: tuple(entry) for kind, entry in amounts[key].items()})
        for key, number in numbers.items()
    }


def as_tally(sums):
    """The same form for what the database counted."""
    return {
        each.key: (
            each.projects,
            {kind: (money.count, money.total) for kind, money in each.amounts.items()},
        )
        for each in sums
    }


def pairs_of(world):
    found = defaultdict(int)
    for each in world.public:
        codes = sorted({world.country_of(part) for part in each["parts"]})
        for pair in combinations(codes, 2):
            found[pair] += 1
    return dict(found)


def returned(world):
    """How many public projects each organisation with more than one has, by its number."""
    found = defaultdict(int)
    for each in world.public:
        for part in each["parts"]:
            if isinstance(part, int):
                found[part] += 1
    return {number: count for number, count in found.items() if count > 1}
