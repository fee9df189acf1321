"""A sum is the sum of its rows: after any edits, all public figures equal a plain count."""

from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime
from itertools import chain, combinations

import pytest
from django.core.exceptions import ValidationError
from django.db import Error, transaction
from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from partners.matching.merge import merge_partners
from partners.models import Partner
from projects.figures.cooperation import numbers_of_pairs
from projects.figures.country_sheet import sheet_context
from projects.figures.records import load_records
from projects.models import Call, Partnership, Project
from projects.publication.publish import (
    publish_call,
    publish_project,
    unpublish_call,
    unpublish_project,
)
from projects.workflow.status_changes import change_status
from psf.database.constraints import save_valid
from psf.history.models import ChangeSet
from psf.history.restore import undo_change_set
from tests.support.accounts import make_account
from tests.support.factories import (
    make_call,
    make_partner,
    make_partnership,
    make_priority,
    make_project,
)
from tests.support.recount import find_differences
from tests.support.state_machines import RecordMachine, run_machine

pytestmark = [pytest.mark.django_db, pytest.mark.hypothesis]

NUMBERS = st.integers(0, 2)
AMOUNTS = st.one_of(
    st.just(("not_published", None)),
    st.tuples(st.sampled_from(["ceiling", "awarded", "final", "returned"]), st.integers(1, 65_000)),
)


class PublicFigures(RecordMachine):
    """Edits of calls, projects and organisations as staff make them; some are refused."""

    @initialize()
    def make_records(self):
        self.staff = make_account("superuser")
        self.calls = [self.make_call(year) for year in [2018, 2018, None]]
        self.priorities = [make_priority() for _number in range(2)]
        countries = zip(["LV", "FI", "SE"], ["ngo", "ministry", "ngo"], strict=True)
        self.partners = [make_partner(country=code, kind=kind) for code, kind in countries]
        self.projects = []
        for number in range(3):
            amount = {"amount_kind": "awarded", "amount_eur": 10 + number}
            project = make_project(self.calls[number], status="funded", **amount)
            make_partnership(project, self.partners[number], role="lead")
            self.projects.append(project)
        for number in range(2):
            self.publish(number)
        self.first_set = ChangeSet.objects.latest("pk").pk

    @staticmethod
    def make_call(year):
        return make_call(opens_at=None, closes_at=year and datetime(year, 3, 31, 12, tzinfo=UTC))

    def project(self, number):
        return Project.objects.get(pk=self.projects[number].pk)

    @staticmethod
    def act(action, *args):
        with suppress(ValidationError, Error), transaction.atomic():
            action(*args)

    # Publication

    @rule(number=NUMBERS)
    def publish(self, number):
        self.act(publish_project, self.project(number), timezone.now())

    @rule(number=NUMBERS)
    def unpublish(self, number):
        self.act(unpublish_project, self.project(number), "An error.")

    @rule(number=NUMBERS)
    def publish_or_unpublish_a_call(self, number):
        call = Call.objects.get(pk=self.calls[number].pk)
        if call.is_public():
            self.act(unpublish_call, call, "An error.")
        else:
            self.act(publish_call, call, timezone.now())

    # Facts of projects, calls and organisations

    @rule(number=NUMBERS, amount=AMOUNTS)
    def change_the_amount(self, number, amount):
        project = self.project(number)
        project.amount_kind, project.amount_eur = amount
        self.act(save_valid, project)

    @rule(number=NUMBERS, by_cbss=st.booleans())
    def change_whether_the_cbss_leads(self, number, by_cbss):
        project = self.project(number)
        project.led_by_cbss = by_cbss
        self.act(save_valid, project)

    @rule(number=NUMBERS, call=NUMBERS)
    def change_the_call(self, number, call):
        project = self.project(number)
        project.call = self.calls[call]
        self.act(save_valid, project)

    @rule(number=NUMBERS, year=st.sampled_from([2018, 2019, None]))
    def change_the_closing_year(self, number, year):
        call = Call.objects.get(pk=self.calls[number].pk)
        call.closes_at = year and datetime(year, 3, 31, 12, tzinfo=UTC)
        self.act(save_valid, call)

    @rule(number=NUMBERS, partner=st.none() | NUMBERS, code=st.sampled_from(["LV", "FI"]))
    def add_a_partner(self, number, partner, code):
        organisation = None
        if partner is not None:
            organisation = Partner.objects.filter(pk=self.partners[partner].pk).first()
        self.act(make_partnership, self.project(number), organisation, code)

    @rule(number=NUMBERS)
    def remove_a_partner(self, number):
        for part in Partnership.objects.filter(project=self.projects[number], role="partner")[:1]:
            self.act(part.delete)

    @rule(number=NUMBERS, kind=st.sampled_from(["ngo", "ministry"]))
    def change_the_kind_of_an_organisation(self, number, kind):
        for partner in Partner.objects.filter(pk=self.partners[number].pk):
            partner.kind = kind
            self.act(save_valid, partner)

    @rule(winner=NUMBERS, loser=NUMBERS)
    def merge_organisations(self, winner, loser):
        if winner != loser:
            self.act(merge_partners, self.partners[winner], self.partners[loser], self.staff)

    @rule(number=NUMBERS, priority=st.integers(0, 1), adds=st.booleans())
    def change_the_priorities(self, number, priority, adds):
        priorities = self.project(number).priorities
        self.act(priorities.add if adds else priorities.remove, self.priorities[priority])

    @rule(number=NUMBERS, to=st.sampled_from(["running", "funded", "withdrawn"]))
    def change_the_status(self, number, to):
        self.act(change_status, [self.project(number)], to, self.staff, "It is so.")

    @rule()
    def undo(self):
        for change_set in ChangeSet.objects.filter(pk__gt=self.first_set).order_by("-pk")[:1]:
            self.act(undo_change_set, change_set, self.staff, "A mistake.")

    # Rules that hold after each edit

    @invariant()
    def figures_equal_a_plain_count(self):
        assert find_differences() == []

    @invariant()
    def all_pages_count_the_same_projects(self):
        parts = [project.partnerships.all() for project in Project.objects.public()]
        countries = [{part.country_id for part in rows} for rows in parts]
        expected = Counter(chain.from_iterable(countries))
        records = load_records()
        assert {line.country.code: line.projects for line in records.lines} == expected
        for partner in self.partners:
            portrait = sheet_context(partner.country)["portrait"]
            assert portrait.projects == expected[partner.country.code]
        pairs = Counter(pair for codes in countries for pair in combinations(sorted(codes), 2))
        assert numbers_of_pairs(records.sets) == pairs


def test_a_sum_is_the_sum_of_its_rows_after_any_edits():
    run_machine(PublicFigures, runs=4, steps=12)
