"""The orders in memory follow every column that decides on a place."""

from datetime import timedelta

import pytest
from django.utils import timezone

from projects.list_index.ordering import ORDERS, ordered_pages, ordered_projects
from projects.models import Call, Project
from psf.lists.ordering import read_order
from tests.support.factories import make_call, make_public_project

pytestmark = pytest.mark.django_db(transaction=True)

CHANGES = {
    "title": lambda project, call: project.update(title="Zebra"),
    "reference": lambda project, call: project.update(reference="Z-1"),
    "amount": lambda project, call: project.update(amount_eur=1),
    "call": lambda project, call: project.update(call=Call.objects.latest("pk")),
    "closing": lambda project, call: call.update(closes_at=None),
    "hidden project": lambda project, call: project.update(published_at=None),
    "hidden call": lambda project, call: call.update(published_at=None),
    "deleted": lambda project, call: project.delete(),
    "new": lambda project, call: make_public_project(),
}


def orders_in_memory():
    return {order: [*ordered_pages([], order).order.keys] for order in ORDERS}


@pytest.mark.parametrize("name", CHANGES)
def test_order_follows_each_change(name):
    calls = [make_call(closes_at=timezone.now() - timedelta(days)) for days in [800, 400]]
    for number, call in enumerate([calls[0], calls[0], calls[1]]):
        make_public_project(
            call=call,
            title=f"Title {number}",
            reference=f"R-{number}",
            amount_eur=100 - number,
            amount_kind="awarded",
        )
    before = orders_in_memory()
    first = Project.objects.earliest("pk")
    CHANGES[name](Project.objects.filter(pk=first.pk), Call.objects.filter(pk=first.call_id))
    after = orders_in_memory()

    assert after != before
    assert after == {order: [*read_order(ordered_projects(order)).keys] for order in ORDERS}


def test_capitals_with_accents_do_not_decide_on_the_order_of_titles():
    for title in ["öland", "Äland", "ähnlich", "Zebra", "acorn"]:
        make_public_project(title=title)
    titles = [project.title for project in ordered_projects("title")]

    assert titles == ["acorn", "Zebra", "ähnlich", "Äland", "öland"]
