"""Records that readers may see in part, and the words that must never reach readers."""

import re
from datetime import date
from decimal import Decimal

from django.db import connection
from django.test.utils import CaptureQueriesContext

from psf.site.search import RECORD
from tests.support.cases import HIDDEN_PROJECTS, soon
from tests.support.factories import (
    LONG_AGO,
    make_agreement,
    make_amendment,
    make_call,
    make_contact,
    make_decision,
    make_document,
    make_instalment,
    make_output,
    make_partner,
    make_partner_name,
    make_partnership,
    make_priority,
    make_repayment,
    make_report,
    make_source,
    make_topic,
)

CANARY = "CANARY"
REQUESTED = Decimal("54321.99")
FUNDED = 31337
SECRET = Decimal("45454.54")  # an amount of what follows an award
SECRET_DAY = date(2017, 7, 27)
ADDRESS = f"https://example.org/{CANARY}"
SECRETS = [CANARY.encode(), b"54321", b"54 321", "54\N{NO-BREAK SPACE}321".encode()]
SECRETS += [b"45454", b"45 454", "45\N{NO-BREAK SPACE}454".encode(), b"July 2017", b"2017-07-27"]
SECRETS += [b"31337", b"31 337", "31\N{NO-BREAK SPACE}337".encode()]
# Digests and parts of a second: among them can be the digits of a secret.
BY_CHANCE = re.compile(rb"[0-9a-f]{16,}|\.[0-9]{6}\b")


def hide_canaries():
    """One project for each way of not being public, each with all that belongs to one."""
    for make in HIDDEN_PROJECTS:
        project = make()
        lead = project.partnerships.first()
        kin = make_partner(f"{CANARY} kin", country="IS")
        organisation = make_partner(f"{CANARY} body", country="IS", parent=kin)
        make_partner_name(organisation, f"{CANARY} name")
        make_partnership(project, organisation, name_as_published=f"{CANARY} printed")
        if lead:
            lead.partner.name = f"{CANARY} lead"
            lead.partner.save()
        for field in ["title", "summary", "description", "as_published", "internal_note"]:
            setattr(project, field, f"{CANARY} {field}")
        project.requested_eur = REQUESTED
        project.save()
        project.priorities.add(make_priority(f"{CANARY} priority {project.pk}"))
        project.topics.add(make_topic(f"{CANARY} topic {project.pk}"))
        make_source(project=project, citation=f"{CANARY} source")
        add_secrets_after_award(project)
        shown = {"published_at": LONG_AGO}
        make_document(project, title=f"{CANARY} published document", **shown)
        make_output(project, title=f"{CANARY} published output", url=ADDRESS, **shown)
        make_contact(project, name=CANARY, email=f"{CANARY}@example.org")
    make_call(title=f"{CANARY} call", summary=CANARY, published_at=None)
    make_call(title=f"{CANARY} call of tomorrow", summary=CANARY, published_at=soon())
    undecided = make_call(title="Undecided call", funded_count=FUNDED, internal_note=CANARY)
    make_decision(undecided, body=f"{CANARY} body", meeting=CANARY, published_at=soon())
    return undecided


def add_secrets_after_award(project):
    """All that follows an award and that readers of the project itself never see either."""
    make_agreement(project, number=f"{CANARY} {project.pk}", amount_eur=SECRET)
    paid = {"paid_on": LONG_AGO, "paid_eur": SECRET}
    make_instalment(project, condition=CANARY, amount_eur=SECRET, **paid)
    make_report(project, due_on=SECRET_DAY, received_on=SECRET_DAY, approved_on=SECRET_DAY)
    make_repayment(project, amount_eur=SECRET, why=CANARY, day=SECRET_DAY)
    amounts = {"amount_before_eur": SECRET, "amount_after_eur": SECRET}
    make_amendment(project, kind="budget", words=CANARY, agreed_on=SECRET_DAY, **amounts)
    make_amendment(project, words=CANARY)
    document = make_document(project, CANARY.encode(), extension="txt", title=f"{CANARY} document")
    make_output(project, title=f"{CANARY} output", document=document, url=ADDRESS)


def sent(response):
    """What a reader gets, headers too, without digits that are there by chance."""
    return BY_CHANCE.sub(b"", response.getvalue() + repr(response.headers).encode())


def assert_no_secret_in(response):
    whole = sent(response)
    assert [secret for secret in SECRETS if secret in whole] == []


def words(response):
    """The text of the page, with a single space for any white space."""
    return " ".join(response.content.decode().replace("\N{NO-BREAK SPACE}", " ").split())


def page_of(client, record):
    response = client.get(record.get_absolute_url())
    assert response.status_code == 200
    return words(response)


def number_of_queries(client, address):
    """The number of queries of the page, which must exist."""
    with CaptureQueriesContext(connection) as queries:
        response = client.get(address)
    assert response.status_code == 200, address
    return len(queries)


def assert_same_as_missing(client, address, missing="/nosuch/"):
    """The answer equals that of a missing page: status, headers and body.

    The page of a missing record searches the words of its address, so the other has the same.
    """
    if RECORD.fullmatch(address):
        kind, slug = address.split("/")[1:3]
        missing = f"/{'calls' if kind == 'countries' else 'countries'}/{slug}/"
    hidden, nothing = client.get(address), client.get(missing)
    assert hidden.status_code == 404
    for response in [hidden, nothing]:
        for name in ["Content-Length", "ETag"]:  # they follow from the body
            response.headers.pop(name, None)
    assert hidden.content == nothing.content.replace(missing.encode(), address.encode()), address
    assert dict(hidden.headers) == dict(nothing.headers), address
