"""The results of a call become public on all pages at one moment, and are unpublished together."""

from datetime import timedelta
from unittest import mock

import pytest
from django.test import Client
from django.utils import timezone

from projects.models import Call
from projects.publication.publish import publish_results, unpublish_results
from tests.support import factories
from tests.support.hidden_records import assert_same_as_missing, sent

pytestmark = pytest.mark.django_db

CANARY = "CANARY"
COUNTS = [31337, 31336, 31335]
MOMENT = timezone.now().replace(microsecond=0) + timedelta(days=3)
TICK = timedelta(microseconds=1)
# Each says whether the results are public, whatever they are.
ADDRESSES = [
    *["/", "/calls/", "/calls/psf-2031/", "/calls/psf-2031/announcement/", "/projects/"],
    *["/projects/canary-1/", "/projects/canary-2/", "/partners/", "/lead-partners/"],
    *["/partners/canary-body/", "/countries/", "/countries/is/", "/countries/is/sheet/"],
    *["/figures/", "/timeline/"],
    *["/compare/?call=psf-2031", "/compare/?project=canary-1&project=canary-2"],
    *["/feed.atom", "/projects/?q=canary", "/partners/?q=canary"],
    *["/projects/?call=psf-2031&status=funded", "/projects/?country=is", "/?q=canary"],
    *["/robots.txt", "/.well-known/security.txt", "/healthz", "/nowhere/", "/projects/?page=2"],
    *["/projects/?country=canary", "/data/", "/about/", "/changes/", "/changes.atom"],
    *["/sitemap.xml", "/projects.atom", "/projects.atom?call=psf-2031", "/calls/psf-2031.atom"],
    *["/embed/map/", "/embed/partners/canary-body/", "/embed/countries/is/"],
]
NOT_BEFORE = [
    *["/calls/psf-2031/announcement/", "/projects/canary-1/", "/projects/canary-2/"],
    *["/partners/canary-body/", "/countries/is/"],
]
GONE = NOT_BEFORE[:3]


@pytest.fixture
def call():
    """A public call with a decision that is not public."""
    received, eligible, funded = COUNTS
    call = factories.make_call(
        title="PSF 2031",
        slug="psf-2031",
        received_count=received,
        eligible_count=eligible,
        funded_count=funded,
        internal_note=f"{CANARY} note",
    )
    factories.make_decision(
        call,
        body=f"{CANARY} committee",
        meeting=f"{CANARY} meeting",
        reference=f"{CANARY} reference",
        published_at=None,
    )
    body = factories.make_partner(f"{CANARY} body", country="IS", slug="canary-body")
    for number in [1, 2]:
        project = factories.make_project(
            call,
            title=f"{CANARY} title {number}",
            slug=f"canary-{number}",
            description=f"{CANARY} description",
            status="funded",
            amount_eur=31334,
            amount_kind="awarded",
        )
        factories.make_partnership(project, body, role="lead")
    late = factories.make_project(call, title="SECRET reserve", status="funded", slug="late")
    factories.make_partnership(late, factories.make_partner("SECRET body"), role="lead")
    factories.make_project(call, title="SECRET rejected", status="rejected")
    factories.make_letter(late, text="SECRET letter")
    return call


def walk(at):
    """The responses to an anonymous reader at a moment, by address."""
    with mock.patch("django.utils.timezone.now", return_value=at):
        return {address: Client().get(address) for address in ADDRESSES}


def secret_words_in(response):
    """The secrets of the results in a response, except the search words of the reader."""
    text = (
        sent(response)
        .decode()
        .replace("canary", "")
        .replace("\N{NO-BREAK SPACE}", "")
        .replace(" ", "")
    )
    return [word for word in [CANARY, *map(str, COUNTS), "31334"] if word in text]


def secrets(answers):
    return [address for address, answer in answers.items() if b"SECRET" in answer.content]


def publish(call, at=MOMENT):
    """Publish all results except the project that is added later."""
    call.projects.filter(slug="late").update(status="eligible")
    publish_results(call, at)
    call.projects.filter(slug="late").update(status="funded")


@pytest.mark.unmeasured
def test_results_are_public_from_each_moment_until_unpublished(call):
    untouched = {a: r.status_code for a, r in walk(MOMENT - TICK).items()}
    publish(call)

    before = walk(MOMENT - TICK)
    assert {name: words for name in before if (words := secret_words_in(before[name]))} == {}
    assert {a: r.status_code for a, r in before.items()} == untouched
    assert secrets(before) == []
    for address in NOT_BEFORE:
        with mock.patch("django.utils.timezone.now", return_value=MOMENT - TICK):
            assert_same_as_missing(Client(), address)

    at = walk(MOMENT)
    assert {address for address in NOT_BEFORE if at[address].status_code != 200} == set()
    for address in ["/", "/calls/psf-2031/", "/feed.atom", "/projects/?q=canary", *NOT_BEFORE]:
        known = address in ["/feed.atom", "/countries/is/"]
        assert known or CANARY in secret_words_in(at[address]), address
    assert b"Funded projects on this site: 2." in at["/feed.atom"].content
    for number in map(str, COUNTS):
        assert number in secret_words_in(at["/calls/psf-2031/"])
        assert number in secret_words_in(at["/calls/psf-2031/announcement/"])
        assert number in secret_words_in(at["/figures/"])
    assert secrets(at) == []

    with mock.patch("django.utils.timezone.now", return_value=MOMENT + timedelta(days=1)):
        unpublish_results(Call.objects.get(), "The minutes say otherwise.")
        publish(call, again := MOMENT + timedelta(days=2))
    between = walk(again - TICK)
    for address, response in between.items():
        if response.status_code == 410:
            assert address in GONE
            assert "The minutes say otherwise." in response.content.decode()
        else:
            assert secret_words_in(response) == [], address
            assert response.status_code == untouched[address], address
    assert [between[address].status_code for address in GONE] == [410] * len(GONE)
    assert secrets(between) == []

    after = walk(again)
    for address in ADDRESSES:
        assert after[address].status_code == at[address].status_code, address
        assert secret_words_in(after[address]) == secret_words_in(at[address]), address
    assert secrets(after) == []


def test_results_cancelled_before_the_moment_leave_no_trace(call):
    publish(call)
    unpublish_results(call, "Not yet.")
    answers = walk(MOMENT + timedelta(days=1))
    assert [address for address in answers if secret_words_in(answers[address])] == []
    assert [a for a, answer in answers.items() if answer.status_code == 410] == []
