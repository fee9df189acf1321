"""Plans of imports, and saving everything or nothing."""

from datetime import date, time
from decimal import Decimal

import pytest
from django.db import IntegrityError, OperationalError, connection
from django.test import Client
from django.utils import timezone

from partners.models import DuplicateCandidate, Merger, Partner
from partners.similar_names import Reason
from projects.imports import apply
from projects.imports.apply import import_table
from projects.imports.plan import Author
from projects.imports.preview import detail_lines, summary
from projects.imports.problems import Refused
from projects.models import Project
from psf.history.models import Action, ChangeSet, Channel
from tests.projects.checks.test_work_list import days_away
from tests.projects.imports.support import (
    everything,
    plan_of,
    plan_refusals,
    read,
    rows,
    save,
)
from tests.support.accounts import make_account
from tests.support.factories import (
    make_agreement,
    make_amendment,
    make_call,
    make_country,
    make_partner,
    make_partner_name,
    make_partnership,
    make_priority,
    make_project,
    make_topic,
)

pytestmark = pytest.mark.django_db

PARTNER = {"partner_role": "partner", "partner_name": "Pier", "partner_country": "FI"}
LEADING = PARTNER | {"partner_role": "lead"}


@pytest.fixture(autouse=True)
def countries():
    for code in ["LV", "FI", "SE"]:
        make_country(code)


@pytest.fixture
def call():
    return make_call(title="PSF 2030", closes_at=days_away(30))


def parts_of(project):
    return [
        (row.role, str(row.partner or ""), row.country_id, row.position, row.name_as_published)
        for row in project.partnerships.order_by("position")
    ]


# New


def test_new_project_is_a_draft_with_partners(call):
    sea = make_priority("Sea")
    cells = {
        "acronym": "SW",
        "summary": "Guards warn each other.",
        "description": "At length.",
        "starts_on": "2030-09-01",
        "ends_on": "2031-08-31",
        "status": "funded",
        "amount": "65000.50",
        "amount_kind": "awarded",
        "currency": "EUR",
        "total_cost": "90000",
        "website": "https://storm.example",
        "priority": "Sea",
    }
    harbour = {"partner_kind": "agency", "partner_website": "https://harbour.example"}
    plan = save(call, rows(cells | harbour, cells | PARTNER))

    project = Project.objects.get()
    assert (project.call, project.reference, project.slug) == (call, "PSF-2030-01", "psf-2030-01")
    assert (project.title, project.acronym) == ("Storm Watch", "SW")
    assert (project.summary, project.description) == ("Guards warn each other.", "At length.")
    assert (project.starts_on, project.ends_on) == (date(2030, 9, 1), date(2031, 8, 31))
    assert (project.starts_precision, project.status) == ("day", "funded")
    assert (project.amount_eur, project.amount_kind) == (Decimal("65000.50"), "awarded")
    assert project.total_budget_eur == 90000
    assert project.website == "https://storm.example"
    assert list(project.priorities.all()) == [sea]
    assert Project.objects.found_by("storm").exists() and Partner.objects.found_by("pier").exists()
    assert project.published_at is None
    assert Client().get(project.get_absolute_url()).status_code == 404
    project.full_clean()
    assert parts_of(project) == [
        ("lead", "Harbour Office", "LV", 1, ""),
        ("partner", "Pier", "FI", 2, ""),
    ]
    office, pier = Partner.objects.order_by("name")
    assert (office.kind, office.website, office.slug) == (
        "agency",
        "https://harbour.example",
        "harbour-office",
    )
    assert pier.kind == "unknown"
    office.full_clean()
    assert summary(plan) == ["New: 1 project.", "New: 2 partner rows.", "New: 2 organisations."]


def test_same_file_again_changes_nothing(call):
    cells = {"total_cost": "90000", "priority": "Sea", "summary": "x" * 500}
    make_priority("Sea")
    content = rows(cells, cells | PARTNER, {"reference": "B"})
    save(call, content)
    before = everything()
    plan = save(call, content, make_account("superuser"))
    assert not plan.has_changes()
    assert summary(plan) == ["Unchanged: 2 projects."]
    assert everything() == before


def test_organisation_is_recognised_by_any_name_in_its_country(call):
    stellit = make_partner("Stellit", "LV")
    make_partner_name(stellit, "НКО Стеллит")
    elsewhere = make_partner("Stellit", "SE")
    content = rows(
        {"partner_name": "STELLIT!"},
        {"reference": "B", "partner_name": "НКО «Стеллит»"},
        {"reference": "C", "partner_name": "Stellit", "partner_country": "FI"},
    )
    plan = save(call, content)
    first, second, third = Project.objects.order_by("-reference")
    assert parts_of(first) == [("lead", "Stellit", "LV", 1, "STELLIT!")]
    assert parts_of(second)[0][4] == ""
    assert parts_of(third) == [("lead", "Stellit", "LV", 1, "НКО «Стеллит»")]
    assert Partner.objects.count() == 3
    assert Partner.objects.get(country="FI") not in [stellit, elsewhere]
    assert len(plan.new_organisations()) == 1


def test_new_organisations_have_different_addresses(call):
    Merger.objects.create(winner=make_partner("Old"), name="Office", slug="harbour-office")
    content = rows(
        {}, {"reference": "B", "partner_country": "FI"}, {"reference": "C", "partner_name": "Порт"}
    )
    save(call, content)
    slugs = Partner.objects.exclude(name="Old").order_by("pk").values_list("slug", flat=True)
    assert list(slugs) == ["harbour-office-lv", "harbour-office-fi", "lv"]


def test_second_row_of_an_organisation_keeps_the_name(call):
    assert plan_of(call, rows(PARTNER)).projects[0].notes == ["The project has no lead partner."]
    content = rows({}, PARTNER, PARTNER)
    plan = save(call, content)
    assert parts_of(Project.objects.get()) == [
        ("lead", "Harbour Office", "LV", 1, ""),
        ("partner", "Pier", "FI", 2, ""),
        ("partner", "", "FI", 3, "Pier"),
    ]
    assert plan.projects[0].notes == [
        (
            "Rows 3 and 4 name “Pier” twice. The second row keeps only the name, until "
            "somebody chooses its organisation."
        )
    ]
    assert not save(call, content).has_changes()
    save(call, rows({}, PARTNER | {"partner_name": "Quay"}))
    assert Project.objects.get().version == 1  # a new partner changes its project


@pytest.mark.parametrize(
    ("content", "row"),
    [(rows({}, {"partner_role": "partner"}), 3), (rows({}, PARTNER, PARTNER, PARTNER), 5)],
)
def test_second_row_of_a_lead_partner_is_refused(call, content, row):
    (problem,) = plan_refusals(call, content)
    assert problem.startswith(f"Row {row}, partner_name")
    assert problem.endswith("of the same project names this organisation too. Delete one row.")


def test_year_or_amount_that_is_probably_mistyped_has_a_note():
    call = make_call(title="PSF 2019", ceiling_eur=65000)
    cells = {"ends_on": "2072-08-31", "requested_amount": "6500", "received_on": "2019-01-01"}
    content = rows(cells)
    notes = [note.replace("\N{NO-BREAK SPACE}", " ") for note in _notes(call, content)]
    assert notes == [
        "The period reaches to 2072, but the call closes in 2019. Check the year.",
        "Is a zero missing? 6 500 EUR is a tenth of 65 000 EUR or less.",
    ]
    save(call, content)
    assert _notes(call, content) == []


def test_small_amount_that_a_project_spent_has_no_note():
    call = make_call(ceiling_eur=65000)
    cells = {"status": "completed", "amount": "6500", "amount_kind": "final"}
    assert _notes(call, rows(cells)) == []
    assert _notes(call, rows(cells | {"amount_kind": "awarded"})) != []


def _notes(call, content):
    return plan_of(call, content).projects[0].notes


# Changed


@pytest.fixture
def recorded(call):
    """The project of the first row, as it is recorded."""
    project = make_project(call, reference="PSF-2030-01", title="Storm Watch", acronym="SW")
    make_partnership(project, make_partner("Harbour Office", "LV"), role="lead", position=1)
    return project


def test_changes_are_listed_and_saved_field_by_field(call, recorded):
    sea, land = make_priority("Sea"), make_priority("Land")
    recorded.priorities.add(land)
    Project.objects.update(
        starts_on=date(2030, 1, 1), starts_precision="year", amount_kind="ceiling", amount_eur=5
    )
    cells = {"title": "Storm Clock", "starts_on": "2030-09-01", "amount": "7", "priority": "Sea"}
    plan = save(call, rows(cells | {"acronym": ""}, cells | PARTNER), make_account())
    assert [str(line) for line in detail_lines(plan)] == [
        "PSF-2030-01: Title: Storm Watch → Storm Clock",
        "PSF-2030-01: Starts: 1 January 2030 → 1 September 2030",
        "PSF-2030-01: Amount: 5\N{NO-BREAK SPACE}EUR → 7\N{NO-BREAK SPACE}EUR",
        "PSF-2030-01: Priorities: Land → Sea",
        "PSF-2030-01: New partner: Pier",
        "New organisation: Pier (FI)",
    ]
    project = Project.objects.get()
    assert (project.title, project.acronym, project.amount_eur) == ("Storm Clock", "SW", 7)
    assert (project.starts_on, project.starts_precision) == (date(2030, 9, 1), "day")
    assert list(project.priorities.all()) == [sea]
    assert project.version == 1
    assert Project.objects.found_by("clock").exists()
    assert parts_of(project)[1] == ("partner", "Pier", "FI", 2, "")


def test_lead_partner_and_partner_can_swap_roles(call, recorded):
    make_partnership(recorded, make_partner("Pier", "FI"), role="partner", position=2)
    plan = save(call, rows(LEADING, {"partner_role": "partner"}))
    assert [row[:2] for row in parts_of(recorded)] == [
        ("partner", "Harbour Office"),
        ("lead", "Pier"),
    ]
    assert list(detail_lines(plan)) == [
        "PSF-2030-01: Pier: partner → lead partner",
        "PSF-2030-01: Harbour Office: lead partner → partner",
    ]


def test_more_partners_than_the_form_can_have_are_refused(call, recorded):
    partners = [PARTNER | {"partner_name": f"Quay {number}"} for number in range(60)]
    save(call, rows(*partners[:59]))
    assert plan_refusals(call, rows(*partners)) == [
        "Row 2, partner_name: The project would have 61 partners. At most 60 fit its form."
    ]
    make_partnership(recorded, make_partner("Pier", "FI"), role="partner", position=99)
    save(call, rows(*partners[:59]))
    assert recorded.partnerships.count() == 61


def test_partner_that_joined_again_keeps_both_rows(call, recorded):
    pier = make_partner("Pier", country="FI")
    make_partnership(recorded, pier, left_on=date(2030, 1, 1))
    make_partnership(recorded, pier, joined_on=date(2031, 1, 1))
    again = rows({}, PARTNER, PARTNER)
    assert plan_of(call, again).has_changes() == 0


def test_a_file_leaves_a_public_project_its_lead_partner(call, recorded):
    demoted = rows({"partner_role": "partner"})
    assert plan_of(call, demoted).projects[0].notes == ["The project has no lead partner."]
    Project.objects.update(status="funded", published_at=timezone.now())
    (problem,) = plan_refusals(call, demoted)
    assert problem.startswith("Row 2, partner_role: A public project needs a lead partner.")


def test_recorded_lead_partner_without_an_organisation_is_named_by_its_country(call, recorded):
    recorded.partnerships.update(partner=None)
    (problem,) = plan_refusals(call, rows(LEADING))
    assert "“LV” is the recorded lead partner" in problem


def test_partner_missing_from_the_file_stays(call, recorded):
    make_partnership(recorded, make_partner("Old Mole", "SE"))
    make_partnership(recorded, country="SE")
    plan = save(call, rows({"title": "Storm Clock"}))
    assert recorded.partnerships.count() == 3
    assert list(detail_lines(plan))[1:] == [
        "PSF-2030-01: Old Mole is recorded but missing from the file. The partner stays.",
        "PSF-2030-01: SE is recorded but missing from the file. The partner stays.",
    ]


def test_partner_is_recognised_by_its_published_name(call, recorded):
    """It sits in another country than the one it takes part for."""
    consulate = make_partner("Consulate-General", "FI")
    make_partnership(recorded, consulate, country="SE", name_as_published="Swedish Consulate")
    for name in ["Swedish consulate", "Consulate-General"]:
        partner = PARTNER | {"partner_name": name, "partner_country": "SE"}
        plan = plan_of(call, rows({}, partner))
        assert not plan.has_changes()
        assert not plan.new_organisations()


def test_partner_can_change_its_country_of_participation(call, recorded):
    pier = make_partner("Pier", "FI")
    make_partnership(recorded, pier, country="SE", position=2)
    plan = save(call, rows({}, PARTNER))
    assert list(detail_lines(plan)) == ["PSF-2030-01: Pier: partner (SE) → partner (FI)"]
    assert parts_of(recorded)[1] == ("partner", "Pier", "FI", 2, "")


def test_change_of_an_organisation_raises_its_version(call, recorded):
    cells = {"partner_kind": "agency", "partner_website": "https://harbour.example"}
    plan = save(call, rows(cells), make_account())
    office = Partner.objects.get()
    assert (office.kind, office.website, office.version) == ("agency", "https://harbour.example", 1)
    assert list(detail_lines(plan)) == [
        "Harbour Office: kind: non-governmental organisation → agency",
        "Harbour Office: website: empty → https://harbour.example",
    ]
    assert summary(plan) == ["Unchanged: 1 project.", "Changed: 1 organisation."]


# Refused


FUTURE = "2099-01-01"
NEEDS_A_KIND = "An amount needs a kind (ceiling, awarded, final, returned)."


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (rows({"amount": "5"}), f"Row 2, amount “5.00”: {NEEDS_A_KIND}"),
        (rows({"amount_kind": "ceiling"}), f"Row 2, amount: {NEEDS_A_KIND}"),
        (
            rows({"amount": "5", "amount_kind": "awarded"}),
            "Row 2, amount_kind “awarded”: Only a funded project can have an award.",
        ),
        (
            rows({"amount": "65001", "amount_kind": "ceiling"}),
            "Row 2, amount “65001.00”: 65 001 EUR is more than the ceiling of “PSF 2030” for one",
        ),
        (
            rows({"partner_name": "ministry of the interior"}),
            "Row 2, partner_name “ministry of the interior”: 2 organisations of this country have",
        ),
        (
            rows({}, {"partner_name": "Pier"}),
            "Row 3, partner_role “Pier”: Row 2 names another lead partner of the project. Keep one",
        ),
        (
            rows({"amount": "0", "amount_kind": "ceiling"}),
            "Row 2, amount “0.00”: A ceiling of 0 EUR is no grant. Leave an unknown amount empty.",
        ),
        (rows({"status": "funded", "amount_kind": "awarded"}), f"Row 2, amount: {NEEDS_A_KIND}"),
        (
            rows({"status": "funded", "amount_kind": "final", "amount": ""}),
            f"Row 2, amount: {NEEDS_A_KIND}",
        ),
        (
            rows({"received_on": FUTURE}),
            f"Row 2, received_on “{FUTURE}”: This day is in the future.",
        ),
        (
            rows({"starts_on": "2030-02-01", "ends_on": "2030-01-01"}),
            "Row 2, ends_on “2030-01-01”: The end must not be before the start.",
        ),
        (
            rows({"partner_kind": "ngo"}, {"reference": "B", "partner_kind": "agency"}),
            "Row 3, partner_kind “agency”: Row 2 says “ngo” about the same organisation.",
        ),
    ],
)
def test_rules_of_forms_apply_to_imports(call, content, sentence):
    for _each in range(2):
        make_partner("Ministry of the Interior", "LV")
    call.ceiling_eur = Decimal(65000)
    (problem,) = plan_refusals(call, content)
    assert problem.replace("\N{NO-BREAK SPACE}", " ").startswith(sentence)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (
            rows({"status": "eligible"}),
            "Row 2, status “eligible”: This project is recorded as submitted.",
        ),
        (
            rows({"ends_on": "2030-08-31"}),
            "Row 2, ends_on “2030-08-31”: The end must not be before the start.",
        ),
        (
            rows(LEADING),
            "Row 2, partner_role “Pier”: “Harbour Office” is the recorded lead partner.",
        ),
        (
            rows({"partner_role": "partner"}, LEADING | {"partner_name": "Quay"}),
            "Row 3, partner_role “Quay”: This partner has left the project, so it cannot lead it.",
        ),
    ],
)
def test_rows_that_contradict_the_records_are_refused(call, recorded, content, sentence):
    Project.objects.update(starts_on=date(2030, 9, 1))
    make_partnership(recorded, make_partner("Quay", country="FI"), left_on=date(2030, 12, 1))
    (problem,) = plan_refusals(call, content)
    assert problem.startswith(sentence)
    (problem,) = plan_refusals(make_call(), rows())
    assert problem.startswith("Row 2, reference “PSF-2030-01”: This project belongs to “PSF 2030”.")


def test_awards_of_a_file_may_not_exceed_the_budget():
    call = make_call(budget_eur=Decimal(10))
    awarded = {"status": "funded", "amount": "6", "amount_kind": "awarded"}
    assert plan_of(call, rows(awarded)).new()
    sentences = plan_refusals(call, rows(awarded | {"amount": "11"}))
    assert len(sentences) == 1
    assert sentences[0].startswith("amount: The awards of")


def test_capitals_of_a_reference_do_not_matter(call, recorded):
    plan = plan_of(call, rows({"reference": "psf-2030-01", "title": "Waves"}))
    assert (plan.new(), [project.pk for project in plan.changed()]) == ([], [recorded.pk])
    (sentence,) = plan_refusals(call, rows({}, {"reference": "psf-2030-01"} | PARTNER))
    assert sentence.startswith("Row 3, reference “psf-2030-01”: Row 2 says “PSF-2030-01”")


def test_a_file_keeps_the_amount_of_a_project_with_an_agreement(call):
    awarded = {"amount_eur": 9, "amount_kind": "awarded"}
    project = make_project(call, reference="PSF-2030-01", status="funded", **awarded)
    make_agreement(project, amount_eur=9)
    cells = {"amount": "8", "amount_kind": "awarded"}
    (error,) = plan_refusals(call, rows(cells))
    assert error.startswith("Row 2, amount “8.00”: This project has an agreement.")
    assert plan_of(call, rows(cells | {"amount": "9"})).changed()


def test_a_file_keeps_the_end_of_a_prolonged_project(call):
    days = {"status": "funded", "ends_on": date(2031, 5, 31)}
    project = make_project(call, reference="PSF-2030-01", **days)
    announced = rows({"ends_on": "2031-03-31"})
    assert plan_of(call, announced).changed()
    ends = {"ends_before": date(2031, 3, 31), "ends_after": date(2031, 5, 31)}
    make_amendment(project, kind="prolonged", **ends)
    (error,) = plan_refusals(call, announced)
    assert error.startswith("Row 2, ends_on “2031-03-31”: This project was prolonged.")
    assert plan_of(call, rows({"ends_on": "2031-05-31"})).changed()


def test_a_file_funds_no_project_of_a_call_where_two_people_decide():
    call = make_call(decided_by_two=True)
    [error] = plan_refusals(call, rows({"status": "funded"}))
    assert error.startswith("Row 2, status “funded”:")
    assert "requires two people to fund a project" in error
    assert plan_of(call, rows()).new()


def test_columns_of_decisions_need_a_permission(call):
    content = rows({"status": "", "amount": "", "total_cost": "5"})
    assert plan_refusals(call, content, may_decide=False) == [
        "Row 1, status: Only publishers may import this column. Delete the column.",
        "Row 1, amount: Only publishers may import this column. Delete the column.",
    ]
    assert plan_of(call, rows({"total_cost": "5"}), may_decide=False).has_changes()


def test_a_refused_file_leaves_every_table_as_it_was(call, recorded):
    before = everything()
    with pytest.raises(Refused):
        save(call, rows({"title": "Other"}, {"reference": "B", "amount": "5"}))
    assert everything() == before


# One transaction


def test_late_error_rolls_everything_back(call, recorded):
    before = everything()

    def fail(plan):
        raise IntegrityError

    content = rows({"title": "Storm Clock"}, {"title": "Storm Clock"} | PARTNER, {"reference": "B"})
    with pytest.raises(Refused, match="Somebody else is changing these records now"):
        save(call, content, make_account(), finish=fail)
    assert everything() == before


def test_records_changed_after_the_preview_are_not_overwritten(call, recorded):
    table = read(rows({"title": "Storm Clock"}))
    fingerprint = plan_of(call, rows({"title": "Storm Clock"})).fingerprint()
    Project.objects.update(version=1, title="Storm Bell")
    with pytest.raises(Refused, match="The records have changed since this preview"):
        import_table(table, call, Author("x"), fingerprint)
    assert Project.objects.get().title == "Storm Bell"
    again = plan_of(call, rows({"title": "Storm Clock"})).fingerprint()
    import_table(table, call, Author("x"), again)
    assert Project.objects.get().title == "Storm Clock"


def test_an_organisation_changed_after_the_comparison_is_not_overwritten(call):
    office = make_partner("Harbour Office", "LV")
    plan = plan_of(call, rows({"partner_kind": "agency"}))
    Partner.objects.update(kind="university", version=1)
    with pytest.raises(Refused, match="Somebody else is changing these records"):
        apply.write_plan(plan)
    office.refresh_from_db()
    assert office.kind == "university"


def test_import_is_one_change_set(call, recorded):
    user = make_account("superuser")
    before = ChangeSet.objects.count()
    cells = {"title": "Storm Clock"}
    content = rows(cells | {"partner_kind": "agency"}, cells | PARTNER, {"reference": "B"})
    save(call, content, user)
    assert ChangeSet.objects.count() == before + 1
    changes = ChangeSet.objects.latest("pk")
    assert (changes.user, changes.channel, changes.reason) == (user, Channel.IMPORT, "projects.csv")
    assert changes.changes.filter(kind="partners.partner", action=Action.CHANGED).exists()


# Names like recorded ones


def test_similar_recorded_name_is_reported(call):
    office = make_partner("Harbor Office SIA", "LV")
    make_partner_name(office, "HO")
    make_partner("Harbour Office", "FI")
    make_partner("Meteorological Institute", "LV")
    plan = plan_of(call, rows())
    (organisation,) = plan.organisations.values()
    assert [(candidate.partner, candidate.reasons) for candidate in organisation.similar] == [
        (office, [Reason.SPELLING])
    ]
    assert list(detail_lines(plan))[2] == (
        "Does “Harbour Office” mean “Harbor Office SIA”? Reason: the same words, spelt differently"
    )


def test_similar_new_names_of_a_file_become_possible_duplicates(call, monkeypatch):
    spellings = rows({}, {"partner_role": "partner", "partner_name": "Harbour Office SIA"})
    save(call, spellings)
    (pair,) = DuplicateCandidate.objects.waiting()
    assert {pair.first.name, pair.second.name} == {"Harbour Office", "Harbour Office SIA"}
    monkeypatch.setattr("projects.imports.apply.MOST_NEW", 0)
    save(call, rows({"reference": "PSF-2019-02", "partner_name": "Harbour Office UAB"}))
    assert DuplicateCandidate.objects.waiting().count() == 1


def test_an_import_stays_saved_if_its_organisations_cannot_be_compared(call, caplog):
    def refuse(execute, sql, params, many, context):
        if "partners_duplicatecandidate" in sql:
            raise OperationalError("database is locked")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(refuse):
        save(call, rows({}))
    assert call.projects.exists()
    assert "were not compared" in caplog.text


# Columns

APPLICATION = {
    "requested_amount": "60000.50",
    "topics": "Youth; child protection",
    "received_on": "2020-03-28",
    "partner_name_language": "lv",
}


@pytest.fixture
def topics():
    return [make_topic("Youth"), make_topic("Child protection")]


def test_amount_requested_topics_receipt_and_language_are_saved(topics, call):
    save(call, rows(APPLICATION))
    project = Project.objects.get()
    assert project.requested_eur == Decimal("60000.50")
    assert project.received_on == date(2020, 3, 28)
    assert [topic.name for topic in project.topics.order_by("name")] == [
        "Child protection",
        "Youth",
    ]
    assert Partner.objects.get().name_language == "lv"
    assert not plan_of(call, rows(APPLICATION)).has_changes()


def test_changed_topics_replace_the_recorded_topics(topics, call):
    save(call, rows(APPLICATION))
    plan = save(call, rows({"topics": "Youth"}))
    (change,) = plan.changed()[0].differences
    assert change == ("Topics", "Child protection; Youth", "Youth")
    assert [topic.name for topic in Project.objects.get().topics.all()] == ["Youth"]


def test_language_changes_only_the_name_that_the_file_uses(call):
    partner = make_partner("Harbour Office", name_language="en")
    partner.names.create(text="Ostas birojs", kind="official")
    row = {"partner_name": "Ostas birojs", "partner_name_language": "lv"}
    assert not plan_of(call, rows(row)).changed_organisations()
    (changed,) = plan_of(call, rows({"partner_name_language": "lv"})).changed_organisations()
    assert changed.changes == {"name_language": ("en", "lv")}


def test_late_application_is_imported_with_a_warning():
    call = make_call(title="PSF 2030", closes_at=days_away(-1))
    today = timezone.localdate()
    (project,) = plan_of(call, rows({"received_on": str(today)})).projects
    assert project.notes[0].startswith(f"Received on {today:%-d %B %Y}, after “PSF 2030” closed")
    (project,) = plan_of(call, rows({})).projects
    assert project.notes[0].endswith("Enter the day of receipt.")
    (project,) = plan_of(call, rows({"received_on": "2001-01-01"})).projects
    assert project.notes == []


def test_recorded_project_gets_the_warning_only_for_a_new_day():
    call = make_call(title="PSF 2030", closes_at=days_away(-1))
    save(call, rows({}))
    (project,) = plan_of(call, rows({"title": "New title"})).projects
    assert project.notes == []
    (project,) = plan_of(call, rows({"received_on": str(timezone.localdate())})).projects
    assert len(project.notes) == 1


def test_a_new_day_of_receipt_says_that_the_time_of_the_other_day_goes(call):
    receipt = {"received_on": date(2020, 3, 28), "received_time": time(14, 30)}
    project = make_project(call, reference="PSF-2030-01", title="Storm Watch", **receipt)
    plan = save(call, rows({"received_on": "2020-03-29"}))
    assert ("Time of receipt", "14:30", "") in plan.changed()[0].differences
    assert type(project).objects.get().received_time is None
