import pytest

from tests.support.factories import make_merger, make_partner, make_partnership, make_public_project

pytestmark = pytest.mark.django_db

FILTERED = [
    "/projects/",
    "/projects.csv",
    "/projects.json",
    "/projects.atom",
    "/partnerships.csv",
]


def answer(client, address):
    response = client.get(address)
    content = response.getvalue() if response.streaming else response.content
    return response.status_code, content


@pytest.mark.parametrize("address", FILTERED)
def test_filter_with_a_merged_organisation_selects_the_winner(client, address):
    winner = make_partner("Winner", slug="winner")
    make_partnership(make_public_project(winner), make_partner("Guest"))
    make_public_project(make_partner("Other"))
    make_merger(winner, slug="merged")
    status, content = answer(client, f"{address}?partner=merged")
    assert (status, content.replace(b"merged", b"winner")) == answer(
        client, f"{address}?partner=winner"
    )
    assert status == 200


@pytest.mark.parametrize("address", FILTERED)
def test_filter_never_names_a_hidden_winner(client, address):
    make_public_project()
    make_merger(make_partner("Winner", slug="secret-winner"), slug="merged")
    status, content = answer(client, f"{address}?partner=merged")
    assert status in (400, 404)
    assert b"secret-winner" not in content
