"""Cached changes of records are the changes in the history, after edits by every path."""

import random
from collections import Counter
from contextlib import suppress

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import Error, transaction
from django.db.models.signals import post_init
from django.utils import timezone

from partners.matching.merge import merge_partners, undo_merger
from partners.models import Merger, Partner
from projects.models import Call, Partnership, Project
from psf.history import recording
from psf.history.models import Action, Change, ChangeSet, Channel
from psf.history.restore import undo_change_set
from psf.public_changes import change_log
from psf.public_changes.change_log import load_record_changes
from psf.public_changes.events import Event
from psf.public_changes.versions import KINDS, load_record_versions
from tests.projects.list_index import test_facet_sets
from tests.support.factories import make_call, make_partner, make_partnership, make_public_project

pytestmark = pytest.mark.django_db(transaction=True)

PROJECT = KINDS["projects.project"]
project = test_facet_sets.project


def staff():
    return User.objects.get_or_create(username="staff", is_superuser=True)[0]


def merge(project):
    winner, loser = make_partner("Port"), make_partner("Harbour")
    make_partnership(project, loser)
    merge_partners(winner, loser, staff())


def publish_all(project):
    Project.objects.update(published_at=timezone.now())
    Call.objects.update(published_at=timezone.now())


PATHS = test_facet_sets.CHANGES | {
    "merged": merge,
    "merger undone": lambda project: undo_merger(Merger.objects.latest("pk"), staff()),
    "undone": lambda project: undo_change_set(ChangeSet.objects.first(), staff(), ""),
    "published": lambda project: make_public_project(call=make_call()),
    "all published": publish_all,
}


def edit(project, **values):
    with recording.change_set(None, channel=Channel.FORM):
        Project.objects.filter(pk=project.pk).update(**values)


def make_unchanged_project():
    with recording.change_set(None, channel=Channel.FORM):
        return make_public_project()


def make_edited_project():
    project = make_unchanged_project()
    edit(project, title="New title")
    return project


def sentences(project):
    changes = load_record_changes(PROJECT, [str(project.pk)])
    return [entry.text for entries in changes.values() for entry in entries]


def keys_of_versions(monkeypatch):
    """The keys of the records whose versions are computed from now on."""
    keys, load_versions = [], change_log.load_versions

    def load(kind, since, results_since):
        keys.extend(since)
        return load_versions(kind, since, results_since)

    monkeypatch.setattr(change_log, "load_versions", load)
    return keys


def test_only_versions_of_changed_records_are_computed(monkeypatch):
    edited, other, unchanged = (
        make_edited_project(),
        make_edited_project(),
        make_unchanged_project(),
    )
    keys = [str(record.pk) for record in [edited, other, unchanged]]
    computed = keys_of_versions(monkeypatch)
    assert {*load_record_changes(PROJECT, keys)} == {*computed} == {*keys[:2]}
    edit(edited, acronym="NEW")
    computed.clear()
    changes = load_record_changes(PROJECT, keys)
    first, second = [changes[key] for key in keys[:2]]
    assert [len(first), len(second)] == [2, 1]
    assert computed == [str(edited.pk)]


def test_a_row_that_versions_share_is_built_once():
    project = make_unchanged_project()
    for title in ["Second", "Third", "Fourth"]:
        edit(project, title=title)
    built = Counter()

    def count(sender, **_values):
        built[sender] += 1

    post_init.connect(count)
    try:
        versions = load_record_versions("projects.project", project.pk)
    finally:
        post_init.disconnect(count)
    titles = [version.page.facts["title"].words for version in versions]
    assert titles == [project.title, "Second", "Third", "Fourth"]
    assert built[Project] == 4
    assert {built[Partnership], built[Partner], built[Call]} == {1}


def test_changes_of_a_transaction_are_not_cached():
    project = make_edited_project()
    before = sentences(project)
    with transaction.atomic():
        edit(project, acronym="NEW")
        assert len(sentences(project)) == 2
        transaction.set_rollback(True)
    assert sentences(project) == before


def test_changes_that_were_thinned_out_are_forgotten():
    project = make_edited_project()
    edit(project, acronym="NEW")
    edit(project, title="Newest title")
    assert len(sentences(project)) == 3
    Change.objects.filter(after__has_key="acronym", action=Action.CHANGED).delete()
    assert len(sentences(project)) == 2


def test_another_change_with_the_same_number_after_a_restored_backup_is_read():
    project = make_edited_project()
    assert "New title" in sentences(project)[0]
    lost = Change.objects.latest("pk")
    edit(project, title="Newest title")
    change = Change.objects.latest("pk")
    Change.objects.filter(pk=lost.pk).delete()
    ChangeSet.objects.filter(pk=lost.change_set_id).update(made_at=change.change_set.made_at)
    Change.objects.filter(pk=change.pk).update(change_set=lost.change_set_id, before=lost.before)
    assert "Newest title" in sentences(project)[0]


def test_cache_is_bounded(monkeypatch):
    project = make_edited_project()
    monkeypatch.setattr(change_log, "MAX_CACHED", 0)
    computed = keys_of_versions(monkeypatch)
    assert sentences(project) == sentences(project)
    assert computed == [str(project.pk)] * 2


def test_import_of_many_projects_leaves_the_changes_of_calls_in_the_list(monkeypatch):
    with recording.change_set(None, channel=Channel.FORM):
        call = make_public_project().call
    with recording.change_set(None, channel=Channel.FORM):
        Call.objects.filter(pk=call.pk).update(title="New title")
    with recording.change_set(None, channel=Channel.IMPORT):
        for _number in range(3):
            make_public_project(call=call)
    monkeypatch.setattr(change_log, "MAX_RECORDS", 2)
    assert (Event.CORRECTED, str(call.pk)) in [
        (entry.event, entry.key) for entry in change_log.load_log()
    ]


@pytest.mark.unmeasured
def test_cached_changes_equal_computed_changes(project):
    names = [*PATHS]
    random.Random(1).shuffle(names)
    found = 0
    for name in names:
        impossible_now = suppress(Error, ObjectDoesNotExist, ValidationError, AttributeError)
        with impossible_now, recording.change_set(None, channel=Channel.FORM):
            PATHS[name](project)
        for kind in KINDS.values():
            keys = [str(key) for key in kind.facts.model._base_manager.values_list("pk", flat=True)]
            changes = load_record_changes(kind, keys)
            with transaction.atomic():  # nothing is cached
                assert changes == load_record_changes(kind, keys), name
            found += sum(map(len, changes.values()))
    assert found > len(names)
