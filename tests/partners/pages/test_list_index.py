"""Key sets of public organisations, and rows of lists."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from django.urls import reverse

from partners.models import Partner
from partners.pages.list_index import (
    load_partner_rows,
    public_partner_sets,
    read_key_sets,
)
from psf.database.keysets import keyset, union
from tests.support.factories import make_call, make_partner, make_partnership, make_public_project

pytestmark = pytest.mark.django_db

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)
LIST = reverse("partners:partner-list")


def everything(key_sets):
    return union(key_sets["country"].values())


def test_organisation_is_in_the_key_sets_from_the_publication_of_its_project():
    early, late, later = make_partner(), make_partner(), AT + timedelta(1)
    call = make_call(published_at=AT)
    make_public_project(call=call, lead=early)
    make_public_project(call=call, lead=late, published_at=later)

    assert everything(read_key_sets(AT)) == keyset([early.pk])
    assert everything(read_key_sets(later)) == keyset([early.pk, late.pk])


def test_second_participation_in_a_project_counts_once():
    partner = make_public_project().lead().partner
    days = {"joined_on": AT.date(), "left_on": AT.date()}
    make_partnership(partner.partnerships.get().project, partner, **days)

    assert read_key_sets(AT)["projects"] == {"one": keyset([partner.pk])}


@pytest.mark.django_db(transaction=True)
def test_uncommitted_changes_stay_out_of_other_transactions():
    first = make_public_project().lead().partner
    committed = public_partner_sets()
    with transaction.atomic():
        make_public_project()
        inside = public_partner_sets()
        transaction.set_rollback(True)

    assert everything(inside).bit_count() == 2
    assert everything(committed) == keyset([first.pk])
    assert public_partner_sets() is committed


@pytest.mark.django_db(transaction=True)
def test_a_list_follows_every_change(client):
    def names(query=""):
        return [str(row) for row in client.get(f"{LIST}?{query}").context["object_list"]]

    for name in "ABC":
        make_public_project(lead=make_partner(name))
    assert (names(), names("sort=projects")) == (["A", "B", "C"], ["A", "B", "C"])
    make_public_project(lead=Partner.objects.get(name="C"))
    renamed = Partner.objects.get(name="A")
    renamed.name = "X"
    renamed.save()
    assert (names(), names("sort=projects")) == (["B", "C", "X"], ["C", "B", "X"])


def test_rows_have_the_order_of_the_keys_without_hidden_organisations():
    one, two = make_partner(), make_partner()
    project = make_public_project(lead=two)
    make_partnership(project, one)
    hidden = make_partner()
    rows = load_partner_rows(public_partner_sets()["number"], [two.pk, hidden.pk, one.pk])

    assert rows == [two, one]
    assert [(row.number_of_projects, row.number_led) for row in rows] == [(1, 1), (1, 0)]
    assert load_partner_rows({}, []) == []
