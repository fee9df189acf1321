"""The history shows no role and no reader more than the pages do, after any actions."""

import json
import re
from collections import defaultdict
from contextlib import suppress
from itertools import count

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.test import Client
from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from projects.models import DecisionLine, Document, Letter, Project
from projects.publication.publish import publish_project, unpublish_project
from psf.history import recording
from psf.history.models import Change, ChangeSet, Channel
from psf.history.restore import undo_change_set
from psf.history.states import record_after
from psf.history.visibility import hide_reasons, visible, visible_change_sets, visible_rows
from tests.security.canaries import WORD
from tests.security.test_confidential import TABLE
from tests.support.accounts import make_account
from tests.support.factories import (
    make_decision_line,
    make_document,
    make_letter,
    make_public_project,
)
from tests.support.state_machines import RecordMachine, run_machine

pytestmark = [pytest.mark.django_db, pytest.mark.hypothesis]

ROLES = {"view": "Viewer", "edit": "Editor", "publ": "Publisher", "admi": "Administrator"}
PUBLIC_FIELDS = ["title", "summary"]
# A text field of each kind of record that belongs to a project.
FIELDS = {
    Project: [*PUBLIC_FIELDS, "internal_note"],
    DecisionLine: ["reason"],
    Document: ["title"],
    Letter: ["text"],
}
PARTS = [model for model in FIELDS if model is not Project]


class Secrets(RecordMachine):
    """Acts that write a new word each time. `kinds` has the kinds of records of each word.

    `shown` has the words that a public page has shown to readers.
    """

    @initialize()
    def make_records(self):
        self.words, self.kinds, self.shown = count(), defaultdict(set), set()
        self.accounts = {who: make_account(role) for who, role in ROLES.items()}
        self.project = make_public_project()
        for make in [make_document, make_letter]:
            make(self.project)
        make_decision_line(self.project, outcome="rejected", award_eur=None, reason="Vague.")
        self.address = self.project.get_absolute_url()

    def word(self, *kinds):
        word = f"QX{next(self.words):05}QX"
        self.kinds[word] |= {model._meta.label_lower for model in kinds}
        return word

    def note_what_readers_see(self):
        for project in Project.objects.public():
            self.shown |= {getattr(project, field) for field in PUBLIC_FIELDS}

    def write(self, model, field):
        row = model.objects.order_by("pk").last()
        if row:
            setattr(row, field, self.word(model))
            row.save()

    @rule(field=st.sampled_from(FIELDS[Project]))
    def edit_the_project(self, field):
        with recording.change_set(None, channel=Channel.FORM, reason=self.word(Project)):
            self.write(Project, field)
        self.note_what_readers_see()

    @rule(field=st.sampled_from(FIELDS[Project]), part=st.sampled_from(PARTS))
    def edit_the_project_and_a_part(self, field, part):
        kinds = [Project, *([part] if part.objects.exists() else [])]
        with recording.change_set(None, channel=Channel.FORM, reason=self.word(*kinds)):
            self.write(Project, field)
            self.write(part, *FIELDS[part])
        self.note_what_readers_see()

    @rule(part=st.sampled_from(PARTS))
    def edit_a_part(self, part):
        with recording.change_set(None, channel=Channel.FORM, reason=self.word(part)):
            self.write(part, *FIELDS[part])

    @rule(part=st.sampled_from(PARTS))
    def delete_a_part(self, part):
        with recording.change_set(None, channel=Channel.FORM, reason=self.word(part)):
            for row in part.objects.all():
                row.delete()

    @precondition(lambda self: not Letter.objects.exists())
    @rule()
    def add_a_letter(self):
        with recording.change_set(None, channel=Channel.LETTERS, reason=self.word(Letter)):
            make_letter(self.project, text=self.word(Letter))

    @rule()
    def undo(self):
        with suppress(ValidationError), transaction.atomic():
            undo_change_set(ChangeSet.objects.latest("pk"), None, "")
        self.note_what_readers_see()

    @rule()
    def publish_or_unpublish(self):
        project = Project.objects.get(pk=self.project.pk)
        if project.is_public():
            unpublish_project(project, "An error.")
        else:
            publish_project(project, timezone.now())
        self.note_what_readers_see()

    # Rules that hold at the end of a run, because the history only grows

    def teardown(self):
        try:
            self.no_role_sees_more_in_the_history()
            self.readers_see_no_more_in_the_history()
        finally:
            super().teardown()

    def no_role_sees_more_in_the_history(self):
        for who, account in self.accounts.items():
            seen = words_of(visible(Change.objects.all(), account).values_list("before", "after"))
            change_sets = [*visible_change_sets(account)]
            hide_reasons(change_sets, account)
            seen |= words_of(change_set.reason for change_set in change_sets)
            for change_set in change_sets[:2]:
                rows = record_after(Project, str(self.project.pk), change_set.pk)
                seen |= words_of(visible_rows(rows, account).values())
            for word in seen:
                assert {TABLE[kind][who] for kind in self.kinds[word]} == {"yes"}, who

    def readers_see_no_more_in_the_history(self):
        client, log = Client(), ["/changes/", "/changes.atom"]
        page = client.get(self.address)
        versions = re.findall(r"versions/[0-9]+/", page.content.decode())
        feed = [f"{self.address[:-1]}.atom"] if page.status_code == 200 else []
        for address in [*log, *feed, *(f"{self.address}{version}" for version in versions)]:
            words = {*WORD.findall(client.get(address).content)}
            assert {word.decode() for word in words} <= self.shown
            assert page.status_code == 200 or not words


def words_of(values):
    text = json.dumps([*values], default=str)
    return {word.decode() for word in WORD.findall(text.encode())}


def test_the_history_shows_no_more_than_the_pages():
    run_machine(Secrets, runs=4, steps=15)
