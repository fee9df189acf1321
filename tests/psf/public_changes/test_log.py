"""The log of public changes."""

import pytest

from projects.models import Call, Project
from psf.history import recording
from psf.history.channels import Channel
from psf.public_changes import log
from psf.public_changes.events import Event
from psf.public_changes.log import load_changes
from psf.public_changes.record_kinds import KINDS
from tests.support.factories import make_public_project

pytestmark = pytest.mark.django_db


def test_only_records_with_changes_are_read():
    with recording.change_set(None, channel=Channel.FORM):
        changed, unchanged = make_public_project(), make_public_project()
    with recording.change_set(None, channel=Channel.FORM):
        Project.objects.filter(pk=changed.pk).update(title="New title")
    kind, asked = KINDS["projects.project"], []

    def load_since(keys):
        asked.extend(keys)
        return kind.load_since(keys)

    keys = [str(changed.pk), str(unchanged.pk)]
    entries = load_changes(kind._replace(load_since=load_since), keys)
    assert [entry.key for entry in entries] == asked == [str(changed.pk)]


def test_import_of_many_projects_leaves_the_changes_of_calls_in_the_list(monkeypatch):
    with recording.change_set(None, channel=Channel.FORM):
        call = make_public_project().call
    with recording.change_set(None, channel=Channel.FORM):
        Call.objects.filter(pk=call.pk).update(title="New title")
    with recording.change_set(None, channel=Channel.IMPORT):
        for _number in range(3):
            make_public_project(call=call)
    monkeypatch.setattr(log, "MAX_RECORDS", 2)
    assert (Event.CORRECTED, str(call.pk)) in [(entry.event, entry.key) for entry in log.load_log()]
