"""Undoing whole change sets: imports, announcements and mergers."""

from contextlib import suppress

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.urls import reverse
from hypothesis import given, settings, strategies as st
from hypothesis.extra.django import TestCase

from partners.matching.duplicates import find_duplicates_of
from partners.matching.merge import merge_partners, undo_merger
from partners.models import DuplicateCandidate, Merger, Partner, PartnerName
from projects.announcements.save import save_records
from projects.imports.problems import Refused
from projects.models import AnnouncementLine, Call, Project
from psf.history import recording
from psf.history.models import Change, ChangeSet, Channel
from psf.history.restore import (
    is_undone,
    undo_change_set,
    undo_what_stayed,
)
from psf.history.states import rows_in
from psf.history.tracking import quiet_columns, tracked_models
from tests.projects.announcements import texts
from tests.projects.announcements.texts import SHOWN, reading_of
from tests.projects.imports import support as imports
from tests.support.accounts import client_of, make_account
from tests.support.factories import (
    make_call,
    make_country,
    make_merger,
    make_partner,
    make_partner_name,
    make_project,
)


def everything():
    """Return all tracked rows without versions and generated columns."""
    rows = {}
    for model in tracked_models(apps):
        if model is not Merger:
            generated = [*quiet_columns(model), "version"]
            for place, row in rows_in(model._base_manager.all()).items():
                rows[place] = {name: row[name] for name in row if name not in generated}
    return rows


def check_undo(change_set):
    before = list(Change.objects.filter(change_set=change_set.pk).values())
    undoing = undo_change_set(change_set, None, "not these")
    assert list(Change.objects.filter(change_set=change_set.pk).values()) == before
    assert is_undone(change_set)
    assert undoing.channel == Channel.UNDO


NAMES = st.sampled_from(["Harbour Office", "Ostas pārvalde", "Sadam", "Satama Oy", "Łódź Choir"])
PART = st.tuples(st.sampled_from(["LV", "EE", "FI"]), NAMES)


class Property(TestCase):
    def setUp(self):
        for code, _name in SHOWN:
            make_country(code)


class ImportTests(Property):
    @settings(max_examples=10, deadline=None)
    @given(
        files=st.lists(
            st.lists(
                st.tuples(
                    st.integers(1, 4),
                    st.sampled_from(["Storm Watch", "Quiet Sea"]),
                    st.sampled_from(["", "1000", "2000.50"]),
                    st.lists(PART, min_size=1, max_size=3, unique=True),
                ),
                min_size=1,
                max_size=3,
                unique_by=lambda project: project[0],
            ),
            min_size=1,
            max_size=3,
        )
    )
    def test_undoing_imports_from_the_last_gives_every_earlier_state(self, files):
        call = make_call()
        states, sets = [], []
        for file in files:
            before, count = everything(), ChangeSet.objects.count()
            with suppress(Refused):
                imports.save(call, self.rows_of(file))
            if (
                ChangeSet.objects.count() > count
            ):  # otherwise nothing was new, or the file was refused
                states.append(before)
                sets.append(
                    ChangeSet.objects.get(channel=Channel.IMPORT, pk__gt=max([0, *sets])).pk
                )
        for before, key in zip(reversed(states), reversed(sets), strict=True):
            check_undo(ChangeSet.objects.get(pk=key))
            assert everything() == before

    def rows_of(self, file):
        return [
            {
                "reference": f"PSF-2030-{number:02d}",
                "title": title,
                "total_cost": amount,
                "partner_role": "partner" if place else "lead",
                "partner_name": name,
                "partner_country": country,
            }
            for number, title, amount, parts in file
            for place, (country, name) in enumerate(parts)
        ]


class AnnouncementTests(Property):
    @settings(max_examples=6, deadline=None)
    @given(
        text=st.sampled_from([texts.YEAR_2018, texts.YEAR_2019, texts.YEAR_2020, texts.YEAR_2021]),
        recorded=st.lists(PART, max_size=4, unique=True),
        into=st.booleans(),
        decided=st.booleans(),
    )
    def test_announcement_is_undone_with_all_its_changes(self, text, recorded, into, decided):
        for country, name in recorded:
            make_partner(name, country)
        make_partner_name(make_partner("Harbour House", "LV"), "Association Centre")
        call = make_call() if into else None
        before = everything()
        reading = reading_of(text)
        save_records(reading, call, decided=decided, by=None, typed={})
        change_set = ChangeSet.objects.get(channel=Channel.ANNOUNCEMENT)
        assert change_set.reason == reading.lines[0].text.strip()
        assert AnnouncementLine.objects.exists()
        check_undo(change_set)
        assert everything() == before
        assert not DuplicateCandidate.objects.waiting().exists()


@pytest.mark.django_db
class TestRelatedRecords:
    def test_undoing_the_deletion_of_a_winner_restores_the_merger(self):
        winner, loser = make_partner("Sea"), make_partner("Ocean")
        merger = merge_partners(winner, loser, make_account("Publisher"))
        key = winner.pk
        with recording.change_set(None, channel=Channel.FORM) as change_set:
            winner.delete()
        merger.refresh_from_db()
        assert merger.winner is None
        check_undo(change_set)
        merger.refresh_from_db()
        assert merger.winner_id == key

    def test_possible_duplicates_have_no_history_and_are_deleted_with_a_record(self):
        make_partner("Saaristoradio", "FI")
        with recording.change_set(None, channel=Channel.IMPORT) as change_set:
            other = make_partner("Saaristoradio ry", "FI")
            find_duplicates_of(other)
        assert DuplicateCandidate.objects.exists()
        kinds = set(Change.objects.filter(change_set=change_set.pk).values_list("kind", flat=True))
        assert kinds == {"partners.partner"}
        check_undo(change_set)
        assert not DuplicateCandidate.objects.exists()

    def test_page_of_an_announcement_shows_all_changes(self):
        for code, _name in SHOWN:
            make_country(code)
        reading = reading_of(texts.YEAR_2019)
        save_records(reading, None, decided=True, by=None, typed={})
        page = page_of(ChangeSet.objects.get(channel=Channel.ANNOUNCEMENT))
        assert "<h2>Announcement The Facility gives money to projects for safety</h2>" in page
        assert "Undo these changes</h2>" in page

    def test_page_of_a_merger_links_to_its_undoing(self):
        winner, loser = make_partner("Sea"), make_partner("Ocean")
        merger = merge_partners(winner, loser, make_account("Publisher"))
        page = page_of(ChangeSet.objects.get(channel=Channel.MERGE))
        assert "<h2>Merger Ocean into Sea</h2>" in page
        sentence = "This change merged two organisations. Undo the merger instead."
        url = reverse("admin:partners_partner_undo", args=[merger.pk])
        assert f'<a href="{url}">{sentence}</a>' in page

    def test_page_of_an_undone_merger_links_to_a_new_merger(self):
        winner, loser = make_partner("Sea"), make_partner("Ocean")
        by = make_account("Publisher")
        undo_merger(merge_partners(winner, loser, by), by)
        page = page_of(ChangeSet.objects.get(channel=Channel.MERGE, undoes__isnull=False))
        url = reverse("admin:partners_partner_choose", args=[winner.pk])
        assert f'<a href="{url}">This change undid a merger. Merge the two' in page

    def test_the_import_of_a_merger_is_undone_here(self):
        winner = make_partner()
        with recording.change_set(None, channel=Channel.COMMAND) as change_set:
            make_merger(winner)
        check_undo(change_set)
        assert not Merger.objects.exists()


@pytest.mark.django_db
def test_rows_that_stayed_are_reversed_and_others_are_not():
    partner = make_partner()
    names = [make_partner_name(partner, text) for text in ["kept", "back", "again", "changed"]]
    kept, back, again, changed = names
    with recording.change_set(None, channel=Channel.FORM) as change_set:
        PartnerName.objects.filter(pk=back.pk).update(text="new", language="lv")
        PartnerName.objects.filter(pk__in=[back.pk, again.pk]).delete()
        PartnerName.objects.filter(pk=changed.pk).update(text="by the set", language="lv")
        _added, deleted = (make_partner_name(partner, text) for text in ["added", "deleted"])
    deleted.delete()
    PartnerName.objects.create(pk=again.pk, partner=partner, text="typed again", kind="former")
    PartnerName.objects.filter(pk=changed.pk).update(text="by staff")
    undo_what_stayed(change_set.changes.all())
    texts = dict(PartnerName.objects.values_list("pk", "text"))
    assert texts == {
        kept.pk: "kept",
        back.pk: "back",
        again.pk: "typed again",
        changed.pk: "by staff",
    }
    assert set(PartnerName.objects.values_list("language", flat=True)) == {""}


def page_of(change_set):
    response = client_of("Publisher").get(f"/admin/history/changeset/{change_set.pk}/change/")
    return response.content.decode()


@pytest.mark.django_db
class TestCeiling:
    """An amount above the ceiling of the call is never restored."""

    def test_restoring_the_amount_is_refused(self):
        project = make_project(status="funded", amount_eur=900, amount_kind="awarded")
        with recording.change_set(None, channel=Channel.FORM) as change_set:
            Project.objects.update(amount_eur=400)
        Call.objects.update(ceiling_eur=500)
        with pytest.raises(ValidationError, match=f"more than the ceiling of “{project.call}”"):
            undo_change_set(change_set, None, "")
        Call.objects.update(ceiling_eur=900)
        check_undo(change_set)

    def test_restoring_the_ceiling_is_refused(self):
        project = make_project(status="funded", amount_eur=400, amount_kind="awarded")
        Call.objects.update(ceiling_eur=500)
        with recording.change_set(None, channel=Channel.FORM) as change_set:
            Call.objects.update(ceiling_eur=None)
        Project.objects.filter(pk=project.pk).update(amount_eur=900)
        with pytest.raises(ValidationError, match="The ceiling cannot be lower"):
            undo_change_set(change_set, None, "")
        Project.objects.filter(pk=project.pk).update(amount_eur=500)
        check_undo(change_set)


@pytest.mark.django_db
def test_a_set_between_the_changes_of_another_set_does_not_block_it():
    first, second = make_partner(city="Riga"), make_partner(city="Riga")
    with recording.change_set(None, channel=Channel.FORM) as change_set:
        Partner.objects.filter(pk=first.pk).update(city="Oslo")
    Partner.objects.filter(pk=second.pk).update(city="Oslo")
    with recording.change_set(None, channel=Channel.FORM) as later:
        Partner.objects.filter(pk=second.pk).update(city="Turku")
    Change.objects.filter(change_set=later.pk).update(change_set=change_set.pk)
    check_undo(change_set)
    assert set(Partner.objects.values_list("city", flat=True)) == {"Riga", "Oslo"}
