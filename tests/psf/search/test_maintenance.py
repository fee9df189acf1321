"""The index follows every write, by whatever path, and says so when it does not."""

from io import StringIO
from unittest.mock import Mock

import pytest
from django.core.checks import run_checks
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from partners.models import CountryName, Partner, PartnerName
from partners.search import PARTNERS
from projects.models import Partnership, Priority, Project, Topic
from projects.search import PROJECTS
from psf.search import maintenance as upkeep
from psf.search import sources as contents
from psf.search.checks import check_indexes
from psf.search.models import SearchNote, SearchWord
from tests.support.factories import (
    make_partner,
    make_partner_name,
    make_partnership,
    make_priority,
    make_project,
    make_public_project,
    make_topic,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def project():
    """Found by: sea, riga, latvia, tourism, region, printed, oldname."""
    partner = make_partner("Riga")
    make_partner_name(partner, "Oldname")
    made = make_public_project(partner, title="Sea")
    made.topics.add(make_topic("Tourism"))
    made.priorities.add(make_priority("Region"))
    made.partnerships.update(name_as_published="Printed")
    for word in ["sea", "riga", "latvia", "tourism", "region", "printed", "oldname"]:
        assert Project.objects.found_by(word).get() == made, word
    upkeep.catch_up()
    return made


def sql(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)


def save(project):
    project.title = "Newword"
    project.save()


def merge(project):
    """All parts go to another organisation."""
    Partnership.objects.update(partner=make_partner("Newword"))


CHANGES = {
    "save": save,
    "update": lambda project: Project.objects.update(acronym="Newword"),
    "bulk_update": lambda project: Project.objects.bulk_update(
        [Project(pk=project.pk, summary="A newword.")], ["summary"]
    ),
    "SQL": lambda project: sql("UPDATE projects_project SET description = 'Newword'"),
    "reference": lambda project: Project.objects.update(reference="NEWWORD-1"),
    "another partner": lambda project: make_partnership(project, make_partner("Newword")),
    "another country": lambda project: Partnership.objects.update(
        country=make_partner("X", country="FI").country
    ),
    "a renamed partner": lambda project: Partner.objects.update(name="Newword"),
    "another name of a partner": lambda project: make_partner_name(
        Partner.objects.get(), "Newword"
    ),
    "a corrected name": lambda project: PartnerName.objects.update(text="Newword"),
    "a name as published": lambda project: Partnership.objects.update(name_as_published="Newword"),
    "a merged partner": merge,
    "another topic": lambda project: project.topics.add(make_topic("Newword")),
    "a renamed topic": lambda project: Topic.objects.update(name="Newword"),
    "another priority": lambda project: project.priorities.add(make_priority("Newword")),
    "a renamed priority": lambda project: Priority.objects.update(name="Newword"),
    "a country's new name": lambda project: CountryName.objects.update(text="Newword"),
    "bulk_create": lambda project: PartnerName.objects.bulk_create(
        [PartnerName(partner=Partner.objects.get(), text="Newword", kind="former")]
    ),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_project_is_found_by_its_new_words_after_every_change(project, change):
    change(project)
    word = "finland" if change is CHANGES["another country"] else "newword"
    assert project in Project.objects.found_by(word)
    assert PROJECTS.stale() == []


REMOVALS = {
    "sea": lambda project: Project.objects.update(title="Other"),
    "riga": lambda project: Partner.objects.update(name="Other"),
    "oldname": lambda project: PartnerName.objects.all().delete(),
    "printed": lambda project: Partnership.objects.update(name_as_published=""),
    "latvia": lambda project: CountryName.objects.all().delete(),
    "tourism": lambda project: project.topics.clear(),
    "region": lambda project: Priority.objects.all().delete(),
}


@pytest.mark.parametrize("word", REMOVALS)
def test_a_project_is_not_found_by_words_that_are_gone(project, word):
    REMOVALS[word](project)
    assert not Project.objects.found_by(word)


def test_a_partner_that_left_is_no_word_of_the_project(project):
    project.partnerships.all().delete()
    assert not Project.objects.found_by("riga")
    assert not Project.objects.found_by("latvia")


def test_a_deleted_project_has_no_document(project):
    project.partnerships.all().delete()
    project.delete()
    assert not Project.objects.found_by("sea")
    assert PROJECTS.stale() == []


@pytest.mark.parametrize(
    "change",
    [
        lambda partner: Partner.objects.update(name="Newword"),
        lambda partner: Partner.objects.update(city="Newword"),
        lambda partner: make_partner_name(partner, "Newword"),
        lambda partner: CountryName.objects.update(text="Newword"),
    ],
)
def test_a_partner_is_found_by_its_new_words(change):
    partner = make_partner("Riga")
    assert list(Partner.objects.found_by("riga latvia")) == [partner]
    change(partner)
    assert list(Partner.objects.found_by("newword")) == [partner]


def test_what_was_undone_is_not_found(project):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        Project.objects.update(title="Newword")
        assert Project.objects.found_by("newword")
        1 / 0  # noqa: B018
    assert not Project.objects.found_by("newword")
    assert Project.objects.found_by("sea").get() == project


def test_what_changes_no_word_is_not_noted(project):
    Project.objects.update(internal_note="Newword", status="running", version=7)
    Partner.objects.update(internal_note="Newword", kind="company")
    project.save()
    assert not SearchNote.objects.exists()
    assert not Project.objects.found_by("newword")
    assert not Partner.objects.found_by("newword")


def test_a_change_of_many_rows_is_noted_once_a_record(project):
    for name in ["A", "B", "C"]:
        make_partnership(project, make_partner(name))
    if connection.vendor == "sqlite":
        assert [str(note) for note in SearchNote.objects.filter(kind="project")] == [
            f"project {project.pk}"
        ]
    upkeep.catch_up()
    assert not SearchNote.objects.exists()


def test_a_long_list_of_changes_is_caught_up_with_in_parts(project, monkeypatch):
    monkeypatch.setattr("psf.search.index.RECORDS_A_CHUNK", 2)
    for number in range(5):
        make_project(title=f"Newword {number}")
    assert Project.objects.found_by("newword").count() == 5


def test_a_reader_who_cannot_write_is_given_what_there_is(project, monkeypatch, caplog):
    make_project(title="Newword")

    def read_only(*args):
        raise OperationalError("attempt to write a readonly database")

    monkeypatch.setattr("psf.search.index.Index.catch_up", read_only)
    assert Project.objects.found_by("sea").get() == project
    assert "could not be brought up to date" in caplog.text


# Whether it is right


def run(*arguments):
    output = StringIO()
    call_command("rebuild_search", *arguments, stdout=output)
    return output.getvalue()


def warnings():
    found = run_checks(tags=["database"], databases=["default"])
    return [warning.msg for warning in found if warning.id.startswith("psf.")]


def spoil(project):
    """Write round the triggers."""
    for index in upkeep.INDEXES:
        upkeep._execute(upkeep.dropping(connection.vendor, index.kind, index.watches))
    Project.objects.update(title="Newword")
    return make_project(title="Unseen")


def test_a_right_index_is_said_to_be_right(project):
    assert warnings() == []
    assert run("--check") == "The search index says what the records say.\n"
    assert run() == (
        "The search index was made anew. "
        "It had been wrong for 0 of the partners, 0 of the projects.\n"
    )


def test_a_check_says_what_is_wrong_and_rebuilding_mends_it(project):
    unseen = spoil(project)
    assert not Project.objects.found_by("newword")
    assert "No search finds 1 of the projects." in warnings()
    missing = "trigger “psf_project_search_projects_topic_update” is missing."
    assert f"The search does not follow changes: {missing}" in warnings()
    with pytest.raises(CommandError, match="wrong for 0 of the partners, 2 of the projects"):
        run("--check")

    assert "wrong for 0 of the partners, 2 of the projects" in run()
    assert warnings() == []
    assert Project.objects.found_by("newword").get() == project
    Project.objects.filter(pk=unseen.pk).update(title="Followed")
    assert Project.objects.found_by("followed").get() == unseen


def test_a_document_of_what_is_gone_is_wrong(project):
    PROJECTS.write([project.pk], set())
    for index in upkeep.INDEXES:
        upkeep._execute(upkeep.dropping(connection.vendor, index.kind, index.watches))
    project.partnerships.all().delete()
    pk = project.pk
    project.delete()
    assert PROJECTS.stale() == [pk]
    run()
    assert PROJECTS.stale() == []


def test_a_document_is_the_same_in_whatever_order_its_texts_come(project, monkeypatch):
    texts_of = contents.texts_of
    monkeypatch.setattr(contents, "texts_of", lambda *args: texts_of(*args)[::-1])
    assert PROJECTS.stale() == []


def test_the_check_asks_no_database_unless_it_is_told_to(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert check_indexes(None, databases=None) == []


def test_nothing_is_wrong_before_there_is_an_index(monkeypatch):
    monkeypatch.setattr(SearchNote._meta, "db_table", "not_there_yet")
    assert check_indexes(None, databases=["default"]) == []


def test_migrations_leave_a_right_index(project):
    spoil(project)
    upkeep.follow_records(None, Mock(connection=connection))
    assert warnings() == []
    assert Project.objects.found_by("newword").get() == project


def test_half_way_through_migrations_nothing_is_made(project):
    spoil(project)
    newest = MigrationLoader(connection).graph.leaf_nodes("projects")[0]
    MigrationRecorder(connection).record_unapplied(*newest)
    upkeep.follow_records(None, Mock(connection=connection))
    assert warnings() != []


def test_the_tables_can_be_taken_away_and_made_again(project):
    editor = Mock(execute=lambda statement, params: sql(statement))
    upkeep.drop_tables(None, editor)
    upkeep.make_tables(None, editor)
    assert PROJECTS.stale() == [project.pk]
    upkeep.mend()
    assert PARTNERS.stale() == PROJECTS.stale() == []


def test_only_words_that_can_be_meant_are_learnt(project):
    Project.objects.update(title="Łódź and 2019, CO2 or sea", description="Łódź")
    upkeep.catch_up()
    words = list(SearchWord.objects.filter(word__startswith="lodz").values_list("word", flat=True))
    assert words == ["lodz"]
    assert str(SearchWord.objects.get(word="tourism")) == "tourism"
    assert not SearchWord.objects.filter(word__in=["sea", "2019", "co2"])


def stems_of_titles():
    with connection.cursor() as cursor:
        cursor.execute("SELECT record, stem FROM psf_search_project_titles")
        return set(cursor.fetchall())


def test_the_stems_of_titles_follow_the_documents():
    kept, gone = (make_public_project(title=title) for title in ["Safer seas", "Harbours"])
    upkeep.catch_up()
    assert {(kept.pk, "safer"), (kept.pk, "sea"), (gone.pk, "harbour")} <= stems_of_titles()
    Project.objects.filter(pk=kept.pk).update(title="Clean harbours")
    Partnership.objects.filter(project=gone).delete()
    gone.delete()
    upkeep.catch_up()
    assert {record for record, _stem in stems_of_titles()} == {kept.pk}
    assert (kept.pk, "harbour") in (followed := stems_of_titles())
    assert (kept.pk, "sea") not in followed
    upkeep.mend()
    assert stems_of_titles() == followed
