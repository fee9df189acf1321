"""Random calls, projects and partners, and simple counts of them in Python."""

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
    make_project,
)

CODES = ["LV", "FI", "SE", "RU"]
AMOUNTS = st.one_of(
    st.just(("not_published", None)),
    st.tuples(st.sampled_from(["ceiling", "awarded", "final", "returned"]), st.integers(1, 65_000)),
)
# Each part is an organisation (by number) or a country code. The first part leads.
PARTS = st.lists(st.one_of(st.integers(0, 5), st.sampled_from(CODES)), unique=True, max_size=5)
PROJECTS = st.lists(
    st.fixed_dictionaries(
        {
            "call": st.integers(0, 3),
            "amount": AMOUNTS,
            "parts": PARTS,
            "public": st.booleans(),
            "by_cbss": st.booleans(),
        }
    ),
    max_size=8,
)
YEARS = [2018, 2018, 2019, None]  # two calls closed in one year


class RandomRecords:
    """Records made from random facts; `public` has the facts of the public projects."""

    def __init__(self, facts):
        self.calls = [self.call(year) for year in YEARS]
        self.partners = [make_partner(country=CODES[number % 4]) for number in range(6)]
        for code in CODES:
            make_country(code)
        self.public = [row for row in facts if row["public"]]
        for row in facts:
            self.make(row)
        for make_hidden in HIDDEN_PROJECTS:
            make_hidden()

    @staticmethod
    def call(year):
        return make_call(opens_at=None, closes_at=year and datetime(year, 3, 31, 12, tzinfo=UTC))

    def make(self, row):
        kind, amount = row["amount"]
        project = make_project(
            call=self.calls[row["call"]],
            status="funded",
            published_at=datetime(2019, 8, 16, tzinfo=UTC) if row["public"] else None,
            amount_kind=kind,
            amount_eur=amount,
            led_by_cbss=row["by_cbss"],
        )
        for position, part in enumerate(row["parts"]):
            partner = self.partners[part] if isinstance(part, int) else None
            make_partnership(
                project, partner, country=part if partner is None else "", role=role(position)
            )

    def country_of(self, part):
        return CODES[part % 4] if isinstance(part, int) else part


def role(position):
    return "partner" if position else "lead"


def tally(projects, keys_of, lead_key_of=None):
    """By key: the number of projects, and by kind the number and sum of the amounts.

    `keys_of` returns the keys of a project, `lead_key_of` the keys that get its amount.
    """
    numbers = defaultdict(int)
    amounts = defaultdict(lambda: defaultdict(lambda: [0, None]))
    for row in projects:
        keys = set(keys_of(row))
        for key in keys:
            numbers[key] += 1
        for key in keys if lead_key_of is None else lead_key_of(row):
            kind, amount = row["amount"]
            entry = amounts[key][kind]
            entry[0] += 1
            if amount is not None:
                entry[1] = (entry[1] or Decimal(0)) + amount
    return {
        key: (number, {kind: tuple(entry) for kind, entry in amounts[key].items()})
        for key, number in numbers.items()
    }


def as_tally(numbers, amounts):
    """The numbers and the sums of the database in the same form."""
    return {
        key: (
            number,
            {kind: (money.count, money.total) for kind, money in amounts.get(key, {}).items()},
        )
        for key, number in numbers.items()
    }


def pairs_of(records):
    counts = defaultdict(int)
    for row in records.public:
        codes = sorted({records.country_of(part) for part in row["parts"]})
        for pair in combinations(codes, 2):
            counts[pair] += 1
    return dict(counts)
