"""After changes by every path, values in memory equal values counted from the beginning."""

import random
from contextlib import suppress

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import Error, transaction
from django.utils import timezone

from partners.matching.merge import merge_partners, undo_merger
from partners.models import Country, Merger, Partner
from partners.pages.countries import countries_with_numbers
from partners.pages.list_index import partners_by_name, read_key_sets, renew_key_sets
from projects.list_index.facet_sets import country_projects, read_sets, renew_sets
from projects.list_index.ordering import ORDERS, ordered_pages, ordered_projects
from projects.models import Call, Project
from psf.database.keysets import union
from psf.followed_values.followed import Followed
from psf.history.models import ChangeSet
from psf.history.undo import undo_change_set
from psf.lists.ordering import read_order
from tests.projects.list_index import test_changed_projects
from tests.support.factories import make_call, make_partner, make_partnership, make_public_project

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.unmeasured]

project = test_changed_projects.project


def staff():
    return User.objects.get_or_create(username="staff", is_superuser=True)[0]


def merge(project):
    winner, loser = make_partner("Port"), make_partner("Harbour")
    make_partnership(project, loser)
    merge_partners(winner, loser, staff())


def publish_new(project):
    make_public_project(call=make_call(), lead=Partner.objects.first())


def publish_all(project):
    Project.objects.update(published_at=timezone.now())
    Call.objects.update(published_at=timezone.now())


PATHS = test_changed_projects.CHANGES | {
    "merged": merge,
    "merger undone": lambda project: undo_merger(Merger.objects.latest("pk"), staff()),
    "undone": lambda project: undo_change_set(ChangeSet.objects.first(), staff(), ""),
    "published": publish_new,
    "all published": publish_all,
}


class Process:
    """The values in the memory of one process."""

    def __init__(self):
        self.sets = Followed(read_sets, renew_sets)
        self.partners = Followed(read_key_sets, renew_key_sets)

    def assert_true(self):
        now, sets, partners = timezone.now(), self.sets.current(), self.partners.current()
        assert sets == (counted := read_sets(now))
        for values in sets.values.values():
            assert [*map(sets.money, values.values())] == [*map(counted.money, values.values())]
        assert partners == read_key_sets(now)
        public = Project.objects.public()
        assert sets.everything.bit_count() == public.count()
        assert sets.money(sets.everything) == public.money()
        assert union(partners["country"].values()).bit_count() == Partner.objects.public().count()
        countries = countries_with_numbers(country_projects(sets), partners)
        assert [*map(numbers, countries)] == [*map(numbers, Country.objects.public().for_list())]
        for order in ORDERS:
            assert ordered_pages([], order).order == read_order(ordered_projects(order)), order
        assert partners_by_name() == read_order(Partner.objects.order_by("folded", "slug"))


def numbers(country):
    return (
        country.code,
        country.number_of_projects,
        country.number_led,
        country.number_of_partners,
        country.has_unnamed,
    )


def test_two_processes_count_as_from_the_beginning(project):
    names = [*PATHS, "published", "all published"] * 2
    random.Random(1).shuffle(names)
    attentive, lazy = Process(), Process()
    lazy.assert_true()
    for number, name in enumerate(names):
        impossible_now = suppress(Error, ObjectDoesNotExist, ValidationError, AttributeError)
        with impossible_now, transaction.atomic():
            PATHS[name](project)
        attentive.assert_true()
        if number % 7 == 0:
            lazy.assert_true()
    lazy.assert_true()
