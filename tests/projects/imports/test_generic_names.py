"""Generic names and typing errors in names of organisations."""

import pytest

from partners.models import DuplicateCandidate, Partner
from projects.imports.preview import detail_lines
from projects.models import Partnership
from tests.projects.checks.test_work_list import days_away
from tests.projects.imports.support import plan_of, rows, save
from tests.projects.imports.test_admin import confirm, upload
from tests.support.accounts import make_account, signed_in
from tests.support.factories import make_call, make_country, make_partner

pytestmark = pytest.mark.django_db

GENERIC = {"partner_name": "Ministry of the Interior"}


@pytest.fixture
def editor():
    return signed_in(make_account("Editor"))


@pytest.fixture
def call():
    make_country("LV")
    return make_call(title="PSF 2030", closes_at=days_away(30))


@pytest.fixture
def ministry():
    return make_partner("Ministry of the Interior", "LV")


@pytest.mark.parametrize(
    ("recorded", "typed"),
    [
        ("Liepāja Municipality", "Liepāja Munincipality"),
        ("University of Latvia in Rēzekne", "Univercity of Latvia in Rēzekne"),
    ],
)
def test_typing_error_is_pointed_out_as_a_likely_duplicate(call, recorded, typed):
    partner = make_partner(recorded, "LV")
    plan = plan_of(call, rows({"partner_name": typed}))
    (organisation,) = plan.new_organisations()
    assert [candidate.partner for candidate in organisation.similar] == [partner]


def test_generic_name_is_not_matched_silently(call, ministry):
    plan = plan_of(call, rows(GENERIC))
    assert [row.pk for row in plan.unconfirmed()] == [ministry.pk]
    assert any("Same generic name and country." in line for line in detail_lines(plan))


def test_preview_asks_which_organisation_a_generic_name_means(editor, call, ministry):
    preview = upload(editor, call, rows(GENERIC)).context["preview"]
    assert preview["recognised"] == []
    assert preview["similar"][0].options() == [
        (ministry.pk, "Ministry of the Interior", "Same generic name and country.")
    ]
    confirm(editor, call)
    assert not Partnership.objects.exists()
    confirm(editor, call, **{"similar-LV-ministry of the interior": str(ministry.pk)})
    assert Partnership.objects.get().partner == ministry


def test_another_organisation_with_a_generic_name_is_added_once(editor, call, ministry):
    upload(editor, call, rows(GENERIC | {"partner_kind": "agency"}))
    confirm(editor, call, **{"similar-LV-ministry of the interior": "new"})
    other = Partner.objects.exclude(pk=ministry.pk).get()
    assert Partnership.objects.get().partner == other
    assert DuplicateCandidate.objects.get().decided_at
    again = upload(editor, call, rows(GENERIC | {"partner_kind": "agency"}))
    assert not again.context["preview"]["changes"]


def test_recorded_participation_is_no_question(call, ministry):
    save(call, rows(GENERIC))
    plan = plan_of(call, rows(GENERIC))
    assert not plan.unconfirmed()
    assert not plan.has_changes()
