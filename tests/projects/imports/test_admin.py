"""The pages of an import: upload, preview, confirmation."""

import re
import zlib
from datetime import timedelta
from io import BytesIO

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

from partners.models import DuplicateCandidate, Partner
from projects.imports import jobs as uploads
from projects.imports.problems import Refused
from projects.imports.template import columns_for
from projects.models import Import, Partnership, Project
from psf.history.models import ChangeSet
from tests.projects.imports.support import as_bytes, as_csv, everything, plan_of, read, rows, save
from tests.support.accounts import client_of, make_account, signed_in
from tests.support.factories import (
    make_call,
    make_country,
    make_partner,
    make_priority,
    make_project,
    make_public_project,
)
from tests.support.hidden_records import words

pytestmark = pytest.mark.django_db

PARTNER = {"partner_role": "partner", "partner_name": "Pier"}
SIMILAR = "similar-LV-harbour office"
CHOSEN = {"notation": "plain"}


@pytest.fixture(autouse=True)
def here():
    make_country("LV")


@pytest.fixture
def call():
    return make_call(title="PSF 2030", slug="psf-2030")


def page_of(call, *parts):
    return reverse("admin:projects_call_import", args=[call.pk]) + "/".join(parts)


def upload(client, call, content, follow=True, **fields):
    file = SimpleUploadedFile(fields.pop("name", "projects.csv"), as_bytes(content))
    return client.post(page_of(call), CHOSEN | {"file": file} | fields, follow=follow)


def confirm(client, call, **changes):
    row = Import.objects.latest("pk")
    url = reverse("admin:projects_call_import_preview", args=[call.pk, row.pk])
    shown = "" if "preview" in changes else client.get(url).context["row"].fingerprint
    return client.post(url, {"preview": shown} | changes, follow=True)


# Looking


def test_preview_shows_all_changes_and_saves_nothing(editor, call):
    project = make_public_project(
        make_partner("Harbour Office"), call=call, reference="A", title="Old"
    )
    before = everything()
    content = rows(
        {"reference": "A", "title": "New", "partner_kind": "agency"},
        {"reference": "A", "title": "New", "partner_kind": ""} | PARTNER,
        {"reference": "B", "partner_role": "partner"},
    )
    response = upload(editor, call, content)
    after = everything()
    del before["psf.Import"], after["psf.Import"]
    assert after == before

    preview = response.context["preview"]
    assert preview["summary"] == [
        "New: 1 project.",
        "Changed: 1 project.",
        "New: 2 partner rows.",
        "New: 1 organisation.",
        "Changed: 1 organisation.",
    ]
    (changed,), (new,) = preview["changed"], preview["new"]
    assert (changed["key"], changed["notes"]) == (project.pk, [])
    assert changed["lines"] == [("Title", "Old", "New"), ("New partner", None, "Pier")]
    assert (new["reference"], new["partners"], new["countries"]) == ("B", 1, "LV")
    assert preview["recognised"][0].reason() == "Same name and country."
    assert [row.name for row in preview["new_organisations"]] == ["Pier"]
    assert preview["impact"].lines == [
        ("A Old", "Title", "Old", "New"),
        ("A Old", "Partner", "nothing", "Pier, Latvia"),
        ("Pier", "Page", "none", "/partners/pier/"),
        ("Harbour Office", "Kind", "non-governmental organisation", "agency"),
        ("Latvia", "Organisations", "1", "2"),
    ]
    assert [line.label for line in preview["impact"].figures] == ["Organisations"]
    assert "What readers will see change" in words(response)
    assert response.headers["Cache-Control"] == "no-store, private"


@pytest.mark.parametrize(
    "content", ["", rows({"amount": "5"}), rows({"title": "<b>\x00"}, {"title": ""})]
)
def test_refused_file_shows_all_problems_and_is_not_stored(editor, call, content):
    before = everything()
    response = upload(editor, call, content)
    assert response.status_code == 200
    assert "Nothing was saved" in words(response)
    assert "<title>Error: " in words(response)
    for problem in response.context["problems"]:
        assert problem.why in words(response).replace("&#x27;", "'")
        assert problem.place() in words(response)
    assert "<b>" not in words(response)
    assert everything() == before


def test_notation_is_chosen_in_the_form(editor, call):
    content = as_csv(rows({"total_cost": "6.000,50", "title": "Ūdens"}), ";")
    upload(editor, call, content, notation="german")
    confirm(editor, call)
    project = Project.objects.get()
    assert (project.title, str(project.total_budget_eur)) == ("Ūdens", "6000.50")


def test_editor_sees_which_columns_need_a_publisher(editor, call):
    assert "Only publishers may import status" in words(editor.get(page_of(call)))
    publisher = client_of("Publisher")
    assert "Only publishers may import status" not in words(publisher.get(page_of(call)))
    assert upload(publisher, call, rows({"status": "funded"})).context["preview"]["changes"]


# Confirming


def test_history_names_person_and_file_of_an_import(call):
    account = make_account("Editor", first_name="Anna", last_name="Kalniņa")
    client = signed_in(account)
    upload(client, call, rows({}, PARTNER), name="calls 2030.csv")
    response = confirm(client, call)
    assert Project.objects.get().published_at is None
    assert "“calls 2030.csv” was imported. New: 1 project." in words(response)
    row = Import.objects.get()
    assert row.outcome == "New: 1 project. New: 2 partner rows. New: 2 organisations."
    assert bytes(row.content) == b""
    history = words(
        client.get(reverse("admin:projects_project_history", args=[Project.objects.get().pk]))
    )
    assert "calls 2030.csv" in history
    assert "Anna Kalniņa" in history
    earlier = words(client.get(page_of(call)))
    assert "calls 2030.csv" in earlier
    assert "Anna Kalniņa" in earlier


def test_confirming_twice_saves_once(editor, call):
    upload(editor, call, rows())
    confirm(editor, call)
    before = everything()
    confirm(editor, call, preview="x")
    assert everything() == before
    row = Import.objects.get()
    row.content = zlib.compress(as_bytes(rows({"title": "Other"})))
    uploads.compare_file(row)
    with pytest.raises(Refused, match="This file is imported already"):
        uploads.save_import(row, {})
    assert Project.objects.get().title == "Storm Watch"


def test_second_upload_of_a_file_changes_nothing(editor, call):
    upload(editor, call, rows())
    confirm(editor, call)
    response = upload(editor, call, rows())
    assert "Nothing changes. The records contain everything in the file." in words(response)
    assert "Save the import" not in words(response)


def test_a_window_with_an_older_preview_does_not_confirm_the_new_one(editor, call):
    upload(editor, call, rows())
    confirm(editor, call)
    shown = upload(editor, call, rows({"title": "Storm Clock"})).context["row"].fingerprint
    Project.objects.update(title="Storm Bell", version=5)
    for preview in [shown, "", "0" * 64]:
        page = words(confirm(editor, call, preview=preview))
        assert "The records have changed since this preview" in page
        assert "Storm Bell" in page
    assert Project.objects.get().title == "Storm Bell"


def test_file_that_the_records_no_longer_allow_is_refused(editor, call):
    upload(editor, call, rows())
    Import.objects.update(call=make_call())
    make_project(call, reference="PSF-2030-01")
    row = Import.objects.get()
    url = reverse("admin:projects_call_import_preview", args=[row.call_id, row.pk])
    page = words(editor.get(url, follow=True))
    assert "Nothing was saved." in page and "This project belongs to “PSF 2030”" in page


# Who


def test_import_needs_the_permission_for_each_kind_of_change(call):
    kinds = [
        f"{act}_{kind}"
        for act in ["add", "change"]
        for kind in ["project", "partnership", "partner"]
    ]
    for missing in ["", *kinds]:
        account = make_account()
        names = {"view_call", *kinds} - {missing}
        account.user_permissions.set(Permission.objects.filter(codename__in=names))
        status = signed_in(account).get(page_of(call)).status_code
        assert status == (403 if missing else 200), missing


def test_former_publisher_cannot_save_awards_of_an_earlier_upload(call):
    account = make_account("Publisher")
    client = signed_in(account)
    upload(client, call, rows({"status": "funded"}))
    account.groups.set([])
    client.force_login(account)  # the loss of the role ended the session
    assert confirm(client, call, preview="x").status_code == 403
    account.groups.set([Group.objects.get(name="Editor")])
    assert "Only publishers may import this column" in words(confirm(client, call, preview="x"))
    assert not Project.objects.exists()


# Templates


def test_filled_in_template_is_imported(editor, call):
    make_priority("Sea")
    make_priority("=1+1")
    answer = editor.get(page_of(call, "template.xlsx"))
    assert answer.headers["Content-Disposition"] == 'attachment; filename="projects.xlsx"'
    book = load_workbook(BytesIO(answer.content))
    heads = [cell.value for cell in book["Projects"][1]]
    assert heads == list(columns_for(may_decide=False))
    values = rows({"priority": "Sea"})[0]
    book["Projects"].append([values.get(name) for name in heads])
    table = read(book)
    assert table.projects["PSF-2030-01"].partners[0].name == "Harbour Office"
    offered = {
        row[0].value: [cell.value for cell in row[3:] if cell.value]
        for row in book["Allowed values"].iter_rows(min_row=2)
    }
    assert offered["partner_role"] == ["lead", "partner"]
    assert offered["priority"] == ["'=1+1", "Sea"]  # no formula
    lists = {
        str(rule.sqref): rule.formula1 for rule in book["Projects"].data_validations.dataValidation
    }
    place = heads.index("partner_role") + 1
    cells = f"{get_column_letter(place)}2:{get_column_letter(place)}20001"
    assert lists[cells] == f"'Allowed values'!$D${place + 1}:$E${place + 1}"


# Sizes


def test_a_file_that_is_too_large_is_refused(editor, call):
    assert "This field is required." in words(editor.post(page_of(call), CHOSEN))
    page = words(upload(editor, call, b"x" * 5_000_001))
    assert "The file has more than 5 MB. Split it, or ask the operator to import it" in page


def test_unconfirmed_file_is_deleted(editor, call):
    upload(editor, call, rows())
    first = Import.objects.get()
    Import.objects.update(uploaded_at=timezone.now() - timedelta(hours=25))
    upload(editor, call, rows())
    assert Import.objects.exclude(pk=first.pk).count() == Import.objects.count() == 1
    assert str(Import.objects.get()) == "projects.csv"


# Names like recorded ones


@pytest.fixture
def office():
    return make_partner("Harbor Office", "LV")


def test_person_decides_about_a_similar_name(editor, call, office):
    response = upload(editor, call, rows())
    assert "Same as “Harbor Office”: the same words, spelt differently" in words(response)
    assert response.context["preview"]["new_organisations"] == []
    for choice in [{}, {SIMILAR: ""}, {SIMILAR: "0"}, {SIMILAR: "x"}]:
        assert "Choose the organisation “Harbour Office”." in words(confirm(editor, call, **choice))
    assert not Project.objects.exists()


def test_page_says_if_new_names_are_too_many_to_compare(editor, call, office, monkeypatch):
    for module in ["organisations", "preview"]:
        monkeypatch.setattr(f"projects.imports.{module}.MOST_NEW", 0)
    response = upload(editor, call, rows())
    assert "There are too many new names to compare with recorded names here" in words(response)
    assert response.context["preview"]["similar"] == []


def test_chosen_organisation_becomes_partner(editor, call, office):
    upload(editor, call, rows({"partner_kind": "agency"}))
    confirm(editor, call, **{SIMILAR: str(office.pk)})
    part = Project.objects.get().partnerships.get()
    assert (part.partner, part.name_as_published) == (office, "Harbour Office")
    office.refresh_from_db()
    assert office.kind == "agency"
    assert Partner.objects.count() == 1
    assert not DuplicateCandidate.objects.exists()
    again = upload(editor, call, rows({"partner_kind": "agency"}))
    assert not again.context["preview"]["changes"]


@pytest.mark.parametrize("is_same", [True, False])
def test_choices_stay_if_the_records_have_changed(editor, call, is_same):
    upload(editor, call, rows())
    confirm(editor, call)
    office = make_partner("Harbor Pier", "LV")
    changed = {"title": "Storm Clock"}
    content = rows(changed, changed | PARTNER | {"partner_name": "Harbour Pier"})
    shown = upload(editor, call, content).context["row"].fingerprint
    Project.objects.update(title="Storm Bell", version=5)
    chosen = str(office.pk) if is_same else "new"
    page = confirm(editor, call, **{"similar-LV-harbour pier": chosen, "preview": shown})
    assert "The records have changed since this preview." in words(page)
    pattern = r'<input[^>]*name="similar-LV-harbour pier"[^>]*checked[^>]*>'
    (ticked,) = re.findall(pattern, page.content.decode())
    assert f'value="{chosen}"' in ticked


def test_not_the_same_is_remembered(call, office):
    account = make_account("Editor")
    client = signed_in(account)
    upload(client, call, rows())
    confirm(client, call, **{SIMILAR: "new"})
    new = Project.objects.get().partnerships.get().partner
    assert new.name == "Harbour Office"
    pair = DuplicateCandidate.objects.get()
    assert (pair.first, pair.second, pair.decided_by) == (office, new, account)
    assert not DuplicateCandidate.objects.waiting().exists()


def test_problems_of_one_kind_are_one_line_with_their_first_places(editor, call):
    bad = [{"reference": f"P{n}", "total_cost": f"{n} kr"} for n in range(7)]
    page = words(upload(editor, call, rows(*bad, {"partner_role": "boss"})))
    assert "the file has 8 problems." in page
    table = page.partition("Problems in the file")[2].partition("</table>")[0]
    assert table.count("This amount cannot be read.") == 1
    assert '<td data-label="How many">7</td>' in table
    assert "P0, row 2: <bdi>0 kr</bdi><br>" in table
    assert "P4, row 6" in table and "P5, row 7" not in table
    assert "PSF-2030-01, row 9: <bdi>boss</bdi>" in table


# Undoing


def undo_page(call):
    row = Import.objects.latest("pk")
    return reverse("admin:projects_call_import_undo", args=[call.pk, row.pk])


@pytest.fixture
def imported(publisher, call):
    """An import of two projects, A changed and B new, with one organisation each."""
    make_partner("Harbour Office")
    upload(publisher, call, rows({"reference": "A", "title": "Old"}))
    confirm(publisher, call)
    changed = {"reference": "A", "title": "New"}
    new = [{"reference": name, "partner_name": "Pier"} for name in ["B", "C"]]
    upload(publisher, call, rows(changed, *new))
    confirm(publisher, call)
    return Import.objects.latest("pk")


def titles():
    return dict(Project.objects.values_list("reference", "title"))


def test_import_is_undone_from_its_row_and_says_so(publisher, call, imported):
    page = words(publisher.get(page_of(call)))
    assert f'<a href="{undo_page(call)}">Undo…</a>' in page
    assert "New pages" not in words(publisher.get(undo_page(call)))
    publisher.post(undo_page(call), {"reason": "wrong file"})
    assert titles() == {"A": "Old"}
    assert not Partner.objects.filter(name="Pier").exists()
    page = words(publisher.get(page_of(call)))
    assert page.count("Undone.") == 1
    assert f'"{undo_page(call)}"' not in page
    again = publisher.post(undo_page(call), {})
    assert "This import is already undone." in words(again)
    undoing = ChangeSet.objects.latest("pk")
    assert (undoing.undoes, undoing.reason) == (imported.change_set, "wrong file")


def test_one_project_can_be_taken_out_of_an_import(publisher, call, imported):
    kept = Project.objects.get(reference="B")
    publisher.post(undo_page(call), {"keep": [kept.pk]})
    assert titles() == {"A": "Old", "B": "Storm Watch"}
    assert kept.partnerships.get().partner.name == "Pier"


def test_what_changed_since_the_import_stays(publisher, call, imported):
    Project.objects.filter(reference="B").update(title="Corrected")
    Partner.objects.filter(name="Pier").update(website="https://pier.example")
    keys = Project.objects.filter(reference="A").values_list("pk", flat=True)
    everything_kept = publisher.post(
        undo_page(call), {"keep": [*keys, Project.objects.get(reference="C").pk]}
    )
    assert "Every project stays: nothing is undone." in words(everything_kept)
    publisher.post(undo_page(call), {})
    assert titles() == {"A": "Old", "B": "Corrected"}
    assert Partner.objects.filter(name="Pier").exists()


def test_undoing_an_import_needs_its_permission(publisher, call, imported):
    viewer = client_of("Viewer")
    assert viewer.get(undo_page(call)).status_code == 403
    Import.objects.update(change_set=None)
    assert publisher.get(undo_page(call)).status_code == 404
    assert "Undo…" not in words(publisher.get(page_of(call)))


# Generic names and typing errors

GENERIC = {"partner_name": "Ministry of the Interior"}


@pytest.fixture
def ministry():
    return make_partner("Ministry of the Interior", "LV")


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
    assert not any(row.is_unconfirmed for row in plan.recognised())
    assert not plan.has_changes()
