"""Key sets of public organisations are refreshed after each change."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from django.urls import reverse

from partners.models import Partner
from partners.pages.list_index import (
    partners_by_name,
    public_partner_sets,
    refresh_key_sets,
)
from partners.pages.partner_detail import load_partner_rows
from projects.models import Partnership
from psf.database.keysets import keyset
from tests.support.factories import make_call, make_partner, make_partnership, make_public_project

pytestmark = pytest.mark.django_db

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)
LIST = reverse("partners:partner-list")


def test_an_organisation_is_in_the_key_sets_from_its_publication_on():
    early, late = make_partner(), make_partner()
    call = make_call(published_at=AT)
    make_public_project(call=call, lead=early)
    make_public_project(call=call, lead=late, published_at=AT + timedelta(1))
    before = refresh_key_sets(
        None,
        AT,
    )
    later = refresh_key_sets(before, AT + timedelta(1))

    assert before.everything() == keyset([early.pk])
    assert later.everything() == keyset([early.pk, late.pk])
    assert refresh_key_sets(later, AT) == before


def test_a_call_without_organisations_has_a_mark():
    project = make_public_project()
    project.partnerships.update(partner=None)
    before = refresh_key_sets(None, AT)
    partner = make_partner()
    make_partnership(project, partner)

    assert [keys for _mark, keys in before.calls.values()] == [0]
    assert before.everything() == 0
    assert refresh_key_sets(before, AT).everything() == keyset([partner.pk])


def test_projects_of_unchanged_calls_still_count():
    """An organisation is in two calls and one call changes: projects of the other call count."""
    partner, call = make_partner(), make_call()
    kept = make_public_project(lead=partner)
    left = [make_public_project(call=call, lead=partner) for _ in range(3)]
    other = make_partner()
    make_partnership(kept, other)
    before = refresh_key_sets(None, AT)
    Partnership.objects.filter(project__in=left).update(partner=make_partner())
    after = refresh_key_sets(before, AT)

    assert before.values["projects"]["few"] == keyset([partner.pk])
    assert after.values["projects"]["one"] == keyset([partner.pk, other.pk])
    assert after == refresh_key_sets(None, AT)


def test_a_second_participation_in_a_project_counts_once():
    partner = make_public_project().lead().partner
    make_partnership(partner.partnerships.get().project, partner, joined_on=AT.date())

    assert refresh_key_sets(None, AT).values["projects"] == {"one": keyset([partner.pk])}


@pytest.mark.django_db(transaction=True)
def test_uncommitted_changes_stay_out_of_other_transactions():
    first = make_public_project().lead().partner
    kept = public_partner_sets()
    with transaction.atomic():
        make_public_project()
        inside = public_partner_sets()
        transaction.set_rollback(True)

    assert inside.everything().bit_count() == 2
    assert kept.everything() == keyset([first.pk])
    assert public_partner_sets() is kept


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


def test_organisations_with_the_same_name_are_ordered_by_address():
    late, early = (make_partner("Same", slug=slug) for slug in ["same-b", "same-a"])

    assert [*partners_by_name().keys] == [early.pk, late.pk]


def test_rows_have_the_order_of_the_keys_without_hidden_organisations():
    one, two = make_partner(), make_partner()
    project = make_public_project(lead=two)
    make_partnership(project, one)
    hidden = make_partner()
    rows = load_partner_rows([two.pk, hidden.pk, one.pk])

    assert rows == [two, one]
    assert [(row.number_of_projects, row.number_led) for row in rows] == [(1, 1), (1, 0)]
    assert load_partner_rows([]) == []
