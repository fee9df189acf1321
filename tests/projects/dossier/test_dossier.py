"""The dossier of a project: access, content, and check sums."""

import io
import re
import zipfile
from hashlib import sha256

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from projects.models import (
    Assessment,
    DecisionLine,
    Evidence,
    IneligibilityFinding,
    IneligibilityReason,
    Score,
)
from projects.workflow.status_changes import waive
from psf.files import store
from psf.history import recording
from psf.history.models import Channel
from tests.projects.assessment.call_in_assessment import assess, make_world
from tests.support.accounts import client_of, make_account, signed_in
from tests.support.factories import (
    LONG_AGO,
    make_agreement,
    make_assessment,
    make_call,
    make_consensus,
    make_contact,
    make_decision,
    make_document,
    make_instalment,
    make_letter,
    make_partner,
    make_partnership,
    make_priority,
    make_project,
    make_source,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def project():
    call = make_call(title="PSF 2031", ceiling_eur=50000)
    project = make_project(
        call,
        slug="psf-2031-1",
        reference="PSF-2031/1",
        title="Čistá Baltija",
        requested_eur="50001",
    )
    make_partnership(project, make_partner("Stellit"), role="lead")
    project.priorities.add(make_priority("Safe Region"))
    make_source(project=project, citation="Letter of 2031")
    make_decision(call, meeting="CSO 7")
    DecisionLine.objects.create(project=project, outcome="rejected", reason="Too few points.")
    IneligibilityFinding.objects.create(
        project=project,
        reason=IneligibilityReason.objects.create(call=call, text="The lead is missing."),
    )
    make_contact(project, name="Ada Person", email="ada.person@example.org")
    return project


def page_of(project, name):
    return reverse(f"admin:projects_project_{name}", args=[project.pk])


def archive_of(response):
    assert response.status_code == 200
    archive = zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content)))
    assert archive.testzip() is None
    return {name.partition("/")[2]: archive.read(name) for name in archive.namelist()}


def test_dossier_holds_the_record_and_its_history(project):
    clerk = make_account("Publisher", first_name="Ulla", last_name="Berg")
    waive(project, "grant", clerk, "The board agreed.")
    with recording.change_set(clerk, channel=Channel.FORM, reason="A slip."):
        project.summary = "New words"
        project.save()

    response = client_of("Publisher").get(page_of(project, "dossier_zip"))
    assert response["Content-Type"] == "application/zip"
    assert response["Content-Disposition"].startswith('attachment; filename="dossier-psf-2031-1-')
    assert "no-store" in response["Cache-Control"]
    files = archive_of(response)
    text = {name: content.decode() for name, content in files.items()}
    for name, sentence in [
        ("facts.txt", "Title: Čistá Baltija"),
        ("facts.txt", "Organisation: Stellit"),
        ("facts.txt", "Priorities: Safe Region"),
        ("facts.txt", "Source: Letter of 2031"),
        ("facts.txt", "Call: PSF 2031"),
        ("eligibility.txt", "Verdict: waived"),
        ("eligibility.txt", "Reason: The board agreed."),
        ("eligibility.txt", "Reason: The lead is missing."),
        ("decision.txt", "Meeting: CSO 7"),
        ("decision.txt", "Outcome: rejected"),
        ("decision.txt", "Reason for the applicant: Too few points."),
        ("history.txt", "· Ulla Berg · form\n  Reason: A slip.\n  Summary set to “New words”."),
    ]:
        assert sentence in text[name], (name, sentence, text[name])


def test_dossier_holds_letters_reports_and_documents(project):
    words = {"subject": "Your project", "text": "It is funded."}
    letter = make_letter(project, **words)
    letter.sent_at, letter.sent_by_mail, letter.address = LONG_AGO, True, "ada@example.org"
    letter.save()
    make_agreement(project, number="A 31")
    make_instalment(project, condition="on signature")
    document = make_document(project, content=b"%PDF-1.7 words", title="Final report")
    missing = make_document(project, title="Lost")
    store.path_of(missing.stored_name).unlink()

    files = archive_of(client_of("Publisher").get(page_of(project, "dossier_zip")))
    assert files[f"letters/{letter.pk}.txt"] == b"Your project\n\nIt is funded.\n"
    assert b"Subject: Your project" in files["letters.txt"]
    assert "Letter “award”: Sent set to" in files["history.txt"].decode()
    assert not [name for name in files if b"ada@" in files[name]]
    assert f"Sent: {LONG_AGO.day} August 2019".encode() in files["letters.txt"]
    assert b"Number: A 31" in files["after-the-award.txt"]
    assert b"Condition: on signature" in files["after-the-award.txt"]
    assert files[f"documents/{document.pk}-final-report.pdf"] == b"%PDF-1.7 words"
    assert b"Title: Lost" in files["documents.txt"]
    assert len([name for name in files if name.startswith("documents/")]) == 1


def test_it_holds_the_points_and_the_consensus_without_any_words():
    world = make_world()
    for who, points in [(world.anna, (4, 7)), (world.ben, (5, 10))]:
        assess(world, make_assessment(world.project, who), *points)
    make_assessment(world.project, make_account(), declaration="conflict", conflict="CANARY friend")
    make_consensus(world.project, world.publisher, agreed_percent=88, text="CANARY words")
    Assessment.objects.update(comment="CANARY comment")
    Score.objects.update(comment="CANARY score")

    files = archive_of(signed_in(world.publisher).get(page_of(world.project, "dossier_zip")))
    text = files["assessment.txt"].decode()
    for sentence in [
        "Assessor 1\n==========\n\nState: submitted\nRelevance: 4 of 5, weight 3\n",
        "Partnership: 7 of 10, weight 1\nResult (per cent): 77.5\nRecommendation: fund",
        "Assessor 2",
        "State: conflict of interest",
        "Result agreed on: 88",
    ]:
        assert sentence in text, sentence
    whole = b"".join(files.values())
    assert b"CANARY" not in whole
    assert b"anna" not in files["assessment.txt"]


def test_dossier_hides_the_assessment_without_the_permission():
    world = make_world()
    conflicted = make_account("Publisher")
    make_assessment(world.project, conflicted, declaration="conflict", conflict="A partner.")
    assess(world, make_assessment(world.project, world.anna), 4, 7)
    files = archive_of(signed_in(conflicted).get(page_of(world.project, "dossier_zip")))
    assert files["assessment.txt"].startswith(b"Left out: ")


def test_each_file_has_its_check_sum(project):
    files = archive_of(client_of("Publisher").get(page_of(project, "dossier_zip")))
    sums = files.pop("SHA256SUMS").decode().splitlines()
    assert sums == [f"{sha256(content).hexdigest()}  {name}" for name, content in files.items()]
    assert len(sums) == 8


def test_contacts_are_in_it_only_when_chosen(project):
    client = client_of("Publisher")
    page = client.get(page_of(project, "dossier")).content.decode()
    assert "?contacts=on" in page
    assert "Ada Person" not in page
    url = page_of(project, "dossier_zip")
    without, with_them = archive_of(client.get(url)), archive_of(client.get(f"{url}?contacts=on"))
    assert b"Ada Person" not in b"".join(without.values())
    assert b"E-mail: ada.person@example.org" in with_them["contacts.txt"]


def test_contacts_need_their_own_permission(project, client):
    account = make_account()
    codes = ["decide_project", "view_project"]
    account.user_permissions.set(permissions(codes))
    client.force_login(account)
    assert "?contacts=on" not in client.get(page_of(project, "dossier")).content.decode()
    url = page_of(project, "dossier_zip")
    assert archive_of(client.get(url))
    assert client.get(f"{url}?contacts=on").status_code == 403
    account.user_permissions.set(permissions(["decide_project"]))
    client.force_login(account)  # the loss of a permission ended the session
    assert client.get(url).status_code == 403


def test_it_holds_only_parts_that_the_account_may_see(project):
    with recording.change_set(None, channel=Channel.LETTERS, reason="SECRET reason"):
        make_letter(project, text="SECRET text", subject="SECRET subject")
    account = make_account()
    Evidence.objects.create(kind="decision", call=project.call, project=project, content="{}")
    account.user_permissions.set(permissions(["manage_awards", "view_project", "check_project"]))
    files = archive_of(signed_in(account).get(page_of(project, "dossier_zip")))
    assert set(files) == {"facts.txt", "eligibility.txt", "history.txt", "SHA256SUMS"}
    assert b"SECRET" not in b"".join(files.values())
    assert b"Too few points." not in b"".join(files.values())


def test_applications_are_only_for_those_who_see_contact_persons(project):
    make_document(project, kind="application", title="Application form")
    make_document(project, title="Agreement")
    account, codes = make_account(), ["decide_project", "view_project", "view_document"]
    for more, expected in [([], ["agreement"]), (["view_contact"], ["form", "agreement"])]:
        account.user_permissions.set(permissions([*codes, *more]))
        files = archive_of(signed_in(account).get(page_of(project, "dossier_zip")))
        documents = [name for name in files if name.startswith("documents/")]
        assert [re.split("[-.]", name)[-2] for name in documents] == expected
        assert b"Title: Application form" in files["documents.txt"]


def permissions(codes):
    return Permission.objects.filter(codename__in=codes)
