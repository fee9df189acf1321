"""What holds on every public page: it is only read, hides what is not public, and is cheap."""

from datetime import date

import pytest

from partners.models import Country
from projects.models import Project
from psf.history import recording
from psf.history.models import Channel
from psf.http.requests import parameters_by_address
from tests.support.cases import HOSTILE_TEXTS
from tests.support.factories import (
    LONG_AGO,
    make_call,
    make_decision,
    make_membership,
    make_output,
    make_partner,
    make_partner_name,
    make_partnership,
    make_priority,
    make_project,
    make_public_project,
    make_source,
    make_topic,
)
from tests.support.hidden_records import (
    REQUESTED,
    add_secrets_after_award,
    assert_no_secret_in,
    hide_canaries,
    number_of_queries,
    words,
)

pytestmark = [pytest.mark.django_db, pytest.mark.unmeasured]
CODES = [f"{first}{last}" for first in "ABC" for last in "QRSTUVWXYZ"]
FILTERS = "partner=one&country=lv&lead=lv&kind=ngo&status=funded&sort=title"
# The most queries of each page. Within a transaction, such as a test, nothing is kept: the bar
# asks for open calls, a page reads the sets of projects once or twice, and a search looks for
# stale documents and reads the keys of each rank.
PAGES = {
    "/": 20,
    "/projects/": 16,
    f"/projects/?{FILTERS}": 19,
    f"/projects/?{FILTERS}&q=project": 22,
    "/projects/one/": 19,
    "/calls/": 7,
    "/calls/one/": 15,
    "/calls/one/announcement/": 10,
    "/apply/?lead=LV&second=FI": 8,
    "/results/": 4,
    "/partners/": 6,
    "/partners/?q=organisation&country=lv": 13,
    "/partners/one/": 12,
    "/partners/two/": 11,
    "/lead-partners/": 6,
    "/lead-partners/?q=organisation": 13,
    "/countries/": 9,
    "/countries/lv/": 24,
    "/countries/lv/sheet/": 15,
    "/figures/": 11,
    "/timeline/": 9,
    "/compare/": 6,
    "/compare/?project=one&project=two": 7,
    "/compare/?country=lv&country=fi": 14,
    "/compare/?call=one&call=two": 9,
    "/search/?q=organisation": 39,
    "/feed.atom": 10,
    "/about/": 1,
    "/accessibility/": 1,
    "/privacy/": 1,
    "/data/": 18,
}


@pytest.fixture
def example():
    """A project in a decided call, led from Latvia, and a second one."""
    lead = make_partner(slug="one", parent=make_partner(), successor=make_partner())
    call = make_call(slug="one", received_count=43, funded_count=5, min_member_states=3)
    project = make_public_project(lead, call=call, slug="one", as_published="Latvia, Estonia")
    make_partnership(project, make_partner(country="FI"))
    second = make_public_project(call=make_call(slug="two"), slug="two", story="It is used.")
    for record in [lead.parent, lead.successor]:
        make_public_project(record)
    for row in [project, second]:
        make_decision(row.call)
    for code in ["LV", "FI"]:
        make_membership(code)
    hidden = make_partner("CANARY relative")
    other = second.lead().partner
    other.slug, other.parent, other.successor = "two", hidden, hidden
    other.internal_note = second.internal_note = "CANARY"
    second.requested_eur = REQUESTED
    for record in [other, second]:
        record.save()
    make_partner("CANARY unit", parent=other)
    make_partner("CANARY predecessor", successor=other)
    make_partnership(make_project(title="CANARY"), other)
    hide_canaries()
    add_secrets_after_award(project)
    return project


def add_row(example, shared):
    """One more row in each list and on each page."""
    lead, code = example.lead().partner, CODES[Country.objects.public().count()]
    make_membership(code, valid_from=date(1950, 1, 1))
    for call in [example.call, make_decision(make_call()).call]:
        project = make_public_project(lead, call=call, story="It is used.")
        project.topics.set([shared, make_topic()])
        project.priorities.add(make_priority())
        make_partnership(project, make_partner(country=code))
        make_output(project, published_at=LONG_AGO)
    make_public_project(make_partner(country="LV", parent=lead))
    make_public_project(make_partner(country=code, successor=lead))
    make_partner_name(lead, f"Name in {code}")
    make_partnership(example, make_partner(country=code))
    make_source(project=example)
    make_source(call=example.call)
    for record in [example, example.call]:
        record.topics.add(make_topic())
        record.priorities.add(make_priority())
    example.activity_countries.add(code)
    example.announced_countries.add(code)


@recording.change_set(None, channel=Channel.FORM)  # nothing changes after publication
def test_pages_need_a_fixed_number_of_queries(client, request):
    example = request.getfixturevalue("example")  # of the same set of changes
    shared, costs = make_topic(), []
    example.topics.add(shared)
    for rows in [1, 3, 12]:
        while Project.objects.filter(topics=shared).count() < 2 * rows + 1:
            add_row(example, shared)
        client.get("/search/?q=organisation")  # the first search updates the index
        costs.append({address: number_of_queries(client, address) for address in PAGES})
    assert costs[0] == costs[1] == costs[2]
    assert {page: cost for page, cost in costs[0].items() if cost > PAGES[page]} == {}


def test_pages_are_only_read_and_kept_by_their_tag(client, example):
    for address in PAGES:
        first = client.get(address)
        assert first.status_code == 200, address
        assert not first.cookies and "Cookie" not in first.headers.get("Vary", ""), address
        assert client.head(address).status_code == 200
        assert client.post(address).status_code == 405
        again = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
        assert again.status_code == 304, address


def test_pages_have_titles_of_their_own_and_lead_to_the_contact(client, example):
    pages = [words(client.get(page)) for page in PAGES if "?" not in page and "." not in page]
    assert len({page.split("<title>")[1].split("</title>")[0] for page in pages}) == len(pages)
    assert not [page for page in pages if 'href="/about/#contact"' not in page]
    assert max(page.count("in these records") for page in pages) <= 1


@pytest.mark.parametrize("text", HOSTILE_TEXTS.values(), ids=HOSTILE_TEXTS)
def test_hostile_parameters_raise_no_error(client, text):
    make_public_project()
    typed = text.encode("utf-8", "ignore").decode()[:600]
    for address, names in parameters_by_address().items():
        for chosen in [names, names & {"q", "sort"}] if "<" not in address else []:
            status = client.get(address, dict.fromkeys(chosen, typed)).status_code
            assert status in {200, 301, 400, 404, 414}, (address, chosen)


def test_pages_show_nothing_hidden(client, example):
    for address in [*PAGES, "/projects/?q=body", "/partners/?q=body"]:
        assert_no_secret_in(client.get(address))
