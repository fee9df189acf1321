"""The log of public changes."""

import pytest

from projects.models import Project
from psf.history import recording
from psf.history.channels import Channel
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
