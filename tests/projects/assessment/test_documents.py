"""The document of the application, and one more assessor for a disputed application."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from projects.assessment.assignment import assign
from projects.models import Call, Consensus
from tests.support.accounts import make_account, save, signed_in
from tests.support.factories import make_assessment, make_consensus, make_document

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    settings.VAR_DIR = tmp_path


def page_of(account, assessment, name="change", *keys):
    url = reverse(f"admin:projects_assessment_{name}", args=[assessment.pk, *keys])
    return signed_in(account).get(url)


def test_assessors_read_the_document_of_the_application(world):
    document = make_document(world.project, kind="application", title="Application form")
    letter = make_document(world.project, kind="letter", title="Secret letter")
    form = make_document(world.project, kind="application", title="Workbook", extension="xlsx")
    assessment = make_assessment(world.project, world.anna, declaration="none")
    page = page_of(world.anna, assessment).content.decode()
    assert "Application form" in page
    assert "Secret letter" not in page
    assert "Workbook" not in page  # it names the contact person
    answer = page_of(world.anna, assessment, "application", document.pk)
    assert answer.getvalue().startswith(b"%PDF")
    for hidden in [letter, form]:
        assert page_of(world.anna, assessment, "application", hidden.pk).status_code == 404
    assert page_of(world.ben, assessment, "application", document.pk).status_code == 404


@pytest.mark.parametrize("declaration", ["not_yet", "conflict"])
def test_a_document_is_closed_before_the_declaration_and_after_a_conflict(world, declaration):
    document = make_document(world.project, kind="application")
    conflict = "My sister." if declaration == "conflict" else ""
    assessment = make_assessment(
        world.project, world.anna, declaration=declaration, conflict=conflict
    )
    assert page_of(world.anna, assessment, "application", document.pk).status_code == 404
    answer = page_of(world.publisher, assessment, "application", document.pk)
    assert answer.getvalue().startswith(b"%PDF")


def test_an_anonymised_call_offers_no_document(world):
    Call.objects.update(is_anonymised=True)
    document = make_document(world.project, kind="application", title="Application form")
    assessment = make_assessment(world.project, world.anna, declaration="none")
    assert "Application form" not in page_of(world.anna, assessment).content.decode()
    assert page_of(world.anna, assessment, "application", document.pk).status_code == 404


def test_a_disputed_application_gets_a_third_assessor(world):
    cleo = make_account("Assessor", username="cleo")
    assign([world.project], world.publisher, [world.anna, world.ben])
    assert assign([world.project], world.publisher, [cleo]) == []
    url = reverse("admin:projects_call_assessment", args=[world.call.pk])
    data = {"projects": [world.project.pk], "assessors": [cleo.pk], "additional": "on"}
    data["planned"] = f"{world.project.pk}-{cleo.pk}"
    assert save(signed_in(world.publisher), url, **data).status_code == 302
    assert world.project.assessments.filter(assessor=cleo).exists()


def test_an_application_with_a_consensus_gets_no_further_assessor(world):
    make_consensus(world.project, world.publisher)
    with pytest.raises(ValidationError, match="has a consensus already"):
        assign([world.project], world.publisher, [world.anna], additional=True)
    assert Consensus.objects.exists()
