"""A new call copies rules and texts of an earlier call in one action, and keeps its own."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from projects.call_setup.copy import PARTS, RULES, copy_setup
from projects.models import Call, Criterion
from psf.history.models import ChangeSet
from tests.support import factories
from tests.support.accounts import client_of, make_account, versions_in

pytestmark = pytest.mark.django_db

GIVEN = {
    "how_to_apply": "Send the form.",
    "applicant_kinds": "ngo",
    "contact": "PSF team, psf@example.org",
    "letterhead": "PSF",
    "signatory": "Head of the facility",
    "floor_eur": 10000,
    "ceiling_eur": 65000,
    "min_cofunding_percent": 10,
    "max_months": 24,
    "min_member_states": 3,
    "lead_from_member_state": True,
    "decided_by_two": True,
    "assessors_needed": 3,
    "is_anonymised": True,
}


@pytest.fixture
def earlier():
    call = factories.make_call(title="PSF 2030", budget_eur=330000, **GIVEN)
    factories.make_criterion(call, name="Relevance", weight=3, maximum=10, description="The need.")
    factories.make_criterion(call, name="Impact", weight=2, position=2)
    factories.make_question(call, text="Why?", hint="In short.", limit=500)
    factories.make_ineligibility_reason(
        call, text="It came too late.", advice="Apply in March.", position=4
    )
    factories.make_letter_template(call, kind="award", subject="Good news", body="Dear all")
    return call


@pytest.fixture
def call():
    return factories.make_call(title="PSF 2031", published_at=None)


def rows_of(call, part):
    """The rows of a list of the call, with all their values."""
    left_out = ["id", "call_id"]
    rows = getattr(call, part).order_by("pk").values()
    return [{key: value for key, value in row.items() if key not in left_out} for row in rows]


def test_copying_fills_empty_parts_and_leaves_the_earlier_call(call, earlier):
    before = {part: rows_of(earlier, part) for part in PARTS}
    copy_setup(call, earlier, by := make_account("Editor"))
    call.refresh_from_db()
    assert {name: getattr(call, name) for name in RULES} == GIVEN
    assert call.budget_eur is None
    assert {part: rows_of(call, part) for part in PARTS} == before
    assert {part: rows_of(earlier, part) for part in PARTS} == before
    assert all(before.values())
    made = ChangeSet.objects.latest("pk")
    assert (made.user, made.channel, made.reason) == (by, "earlier_call", "From PSF 2030")
    assert {change.record_key for change in made.changes.all()} == {str(call.pk)}


def test_existing_values_of_the_call_stay(call, earlier):
    Call.objects.filter(pk=call.pk).update(ceiling_eur=50000)
    factories.make_criterion(call, name="Impact", weight=9)
    copy_setup(call, earlier, make_account("Editor"))
    call.refresh_from_db()
    assert (call.ceiling_eur, call.min_member_states) == (50000, 3)
    assert dict(call.criteria.values_list("name", "weight")) == {"Impact": 9, "Relevance": 3}


def refused(call, earlier, sentence):
    before = [Call.objects.values().get(pk=call.pk), {part: rows_of(call, part) for part in PARTS}]
    with pytest.raises(ValidationError) as answer:
        copy_setup(call, earlier, make_account("Editor"))
    assert sentence in " ".join(answer.value.messages)
    after = [Call.objects.values().get(pk=call.pk), {part: rows_of(call, part) for part in PARTS}]
    assert before == after


def test_call_with_criteria_in_use_copies_nothing(call, earlier):
    project = factories.make_project(call)
    assessment = factories.make_assessment(project, make_account())
    factories.make_score(assessment, factories.make_criterion(call), points=1)
    refused(call, earlier, "the criteria are locked")


def test_rules_that_contradict_each_other_are_refused(call, earlier):
    Call.objects.filter(pk=call.pk).update(floor_eur=70000)
    refused(call, earlier, "The ceiling is below the lowest grant.")


def test_copy_without_anything_to_copy_is_refused(call, earlier):
    refused(earlier, call, "“PSF 2030” already has everything that can be copied from “PSF 2031”.")


def test_copying_needs_the_permission_to_change_calls(call, earlier):
    for role in ["Viewer", "Assessor"]:
        with pytest.raises(PermissionDenied):
            copy_setup(call, earlier, make_account(role))


class TestThePage:
    def url(self, call):
        return reverse("admin:projects_call_copy_setup", args=[call.pk])

    def test_page_shows_the_copy_before_copying(self, call, earlier):
        editor = client_of("Editor")
        change = reverse("admin:projects_call_change", args=[call.pk])
        assert self.url(call) in editor.get(change).content.decode()
        first = editor.get(self.url(call))
        assert (first.context["earlier"], first.context["form"].is_bound) == (None, False)
        url = f"{self.url(call)}?earlier={earlier.pk}"
        shown = editor.get(url)
        page = shown.content.decode()
        for line in [
            "Ceiling of a grant: 65\N{NO-BREAK SPACE}000\N{NO-BREAK SPACE}EUR",
            "The lead partner is from a member state: yes",
            "Relevance (weight 3, 0 to 10 points)",
            "It came too late.",
            "award",
        ]:
            assert f"<li>{line}</li>" in page, line
        assert "What readers will see change" not in page
        assert not Criterion.objects.filter(call=call).exists()
        done = editor.post(url, {"version": versions_in(shown)}, follow=True)
        assert "Copied from “PSF 2030”." in done.content.decode()
        assert call.criteria.count() == 2
        assert "There is nothing to copy" in editor.get(url).content.decode()

    def test_page_of_a_public_call_shows_the_impact(self, call, earlier):
        Call.objects.filter(pk=call.pk).update(published_at=factories.LONG_AGO)
        page = client_of("Editor").get(f"{self.url(call)}?earlier={earlier.pk}").content.decode()
        assert "What readers will see change" in page
        assert not Criterion.objects.filter(call=call).exists()

    def test_nothing_happens_without_an_earlier_call(self, call):
        editor = client_of("Editor")
        for query in ["", "?earlier=", "?earlier=x", "?earlier=99999999999", f"?earlier={call.pk}"]:
            answer = editor.post(self.url(call) + query, {"version": "1"})
            assert answer.status_code == 200
            assert bool(answer.context["choice"].errors) == bool(query)
        assert not call.criteria.exists()
