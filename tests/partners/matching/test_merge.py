"""Mergers lose nothing, and an undo restores every record."""

from datetime import date

from django.core.exceptions import ValidationError
from django.core.serializers import serialize
from django.test import TestCase
from hypothesis import given, settings, strategies as st
from hypothesis.extra.django import TestCase as PropertyTestCase

from partners.matching.duplicates import find_all_duplicates, mark_as_different
from partners.matching.merge import merge_blockers, merge_partners, undo_merger
from partners.models import DuplicateCandidate, Merger, Partner, PartnerName
from partners.slugs import is_slug_taken
from projects.models import Partnership, Project
from psf.history.models import Change
from psf.text.slugs import free_slug
from tests.support.accounts import make_account
from tests.support.factories import (
    make_merger,
    make_partner,
    make_partner_name,
    make_partnership,
    make_project,
    make_public_project,
)
from tests.support.hidden_records import assert_same_as_missing
from tests.support.refusals import refused


def everything():
    """All records of organisations, without versions: a version only rises."""
    found = {}
    for model in [Partner, PartnerName, Partnership]:
        for row in serialize("python", model._base_manager.order_by("pk")):
            row["fields"].pop("version", None)
            found[row["model"], row["pk"]] = row["fields"]
    return found


class MergeTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.publisher = make_account("Publisher")
        cls.winner = make_partner("University of Latvia", "LV", city="Riga")
        cls.loser = make_partner(
            "Latvijas Universitāte",
            "LV",
            name_language="lv",
            city="Rīga",
            website="https://lu.lv",
            internal_note="Ask twice.",
        )
        cls.project = make_public_project()
        cls.part = make_partnership(cls.project, cls.loser, name_as_published="LU")

    def merged(self):
        merger = merge_partners(self.winner, self.loser, self.publisher)
        self.winner.refresh_from_db()
        return merger

    def test_participations_move_with_the_published_name(self):
        self.merged()
        self.part.refresh_from_db()
        assert self.part.partner == self.winner
        assert self.part.name_as_published == "LU"

    def test_names_of_the_loser_become_names_of_the_winner(self):
        make_partner_name(self.loser, "Alma Mater Rigensis", kind="former")
        self.merged()
        names = set(self.winner.names.values_list("text", "language", "kind"))
        assert names == {
            ("Alma Mater Rigensis", "", "former"),
            ("Latvijas Universitāte", "lv", "official"),
        }

    def test_an_english_name_stays_english(self):
        english = make_partner("Latvian University", "LV")
        merge_partners(self.winner, english, self.publisher)
        assert self.winner.names.get().kind == "english"

    def test_a_name_in_an_unknown_language_does_not_become_official(self):
        spelling = make_partner("Univ. of Latvia", "LV", name_language="")
        merge_partners(self.winner, spelling, self.publisher)
        assert self.winner.names.get().kind == "as_published"

    def test_names_of_both_organisations_are_stored_once(self):
        make_partner_name(self.winner, "Latvijas Universitāte", language="lv")
        make_partner_name(self.winner, "LU", kind="abbreviation")
        make_partner_name(self.loser, "LU", kind="abbreviation")
        make_partner_name(self.loser, "University of Latvia", kind="english", language="en")
        self.merged()
        assert sorted(self.winner.names.values_list("text", flat=True)) == [
            "LU",
            "Latvijas Universitāte",
        ]

    def test_the_winner_keeps_its_values_and_fills_empty_fields(self):
        self.merged()
        assert self.winner.city == "Riga"
        assert self.winner.website == "https://lu.lv"
        assert self.winner.internal_note == "Ask twice."

    def test_units_and_predecessors_move(self):
        unit = make_partner("Faculty", parent=self.loser)
        older = make_partner("Academy", successor=self.loser, succeeded_on=date(1919, 9, 28))
        self.merged()
        assert Partner.objects.get(pk=unit.pk).parent == self.winner
        assert Partner.objects.get(pk=older.pk).successor == self.winner

    def test_a_succession_is_copied_completely_or_not_at_all(self):
        heir = make_partner("Heir")
        day = date(2020, 1, 1)
        Partner.objects.filter(pk=self.loser.pk).update(successor=heir, succeeded_on=day)
        self.merged()
        assert (self.winner.successor, self.winner.succeeded_on) == (heir, day)

        third = make_partner("Third", successor=make_partner("Other heir"), succeeded_on=day)
        fourth = make_partner("Fourth", successor=heir)
        merge_partners(fourth, third, self.publisher)
        fourth.refresh_from_db()
        assert (fourth.successor, fourth.succeeded_on) == (heir, None)

    def test_the_day_of_the_same_succession_is_copied_and_taken_back(self):
        heir, day = make_partner("Heir"), date(2020, 1, 1)
        Partner.objects.filter(pk=self.winner.pk).update(successor=heir)
        Partner.objects.filter(pk=self.loser.pk).update(successor=heir, succeeded_on=day)
        merger = self.merged()
        assert (self.winner.successor, self.winner.succeeded_on) == (heir, day)
        undo_merger(merger, self.publisher)
        self.winner.refresh_from_db()
        assert (self.winner.successor, self.winner.succeeded_on) == (heir, None)

    def test_all_changed_records_get_a_higher_version(self):
        unit = make_partner("Faculty", parent=self.loser)
        self.merged()
        assert self.winner.version == 1
        assert Partner.objects.get(pk=unit.pk).version == 1
        assert Project.objects.get(pk=self.project.pk).version == 1

    def test_a_project_of_both_blocks_the_merger(self):
        make_partnership(self.project, self.winner, left_on=date(2020, 6, 30))
        make_partnership(self.project, self.winner, joined_on=date(2021, 1, 1))
        before = everything()
        sentence = f"Both are partners of “{self.project}”: delete"  # once
        with self.assertRaisesMessage(ValidationError, sentence):
            merge_partners(self.winner, self.loser, self.publisher)
        assert everything() == before

    def test_an_organisation_is_not_merged_with_itself(self):
        with self.assertRaisesMessage(ValidationError, "the same record"):
            merge_partners(self.winner, self.winner, self.publisher)

    def test_units_and_successors_at_any_distance_block_the_merger(self):
        between = make_partner("Between", successor=self.loser)
        for link in [{"parent": between}, {"parent": self.loser}, {"successor": between}]:
            Partner.objects.filter(pk=self.winner.pk).update(
                **{"parent": None, "successor": None} | link
            )
            winner = Partner.objects.get(pk=self.winner.pk)
            with self.subTest(link=link):
                assert len(merge_blockers(winner, self.loser)) == 1
                assert len(merge_blockers(self.loser, winner)) == 1

    def test_a_circle_of_other_organisations_ends_the_search(self):
        one = make_partner("One")
        other = make_partner("Other", parent=one)
        Partner.objects.filter(pk=one.pk).update(parent=other)
        Partner.objects.filter(pk=self.winner.pk).update(parent=one)
        winner = Partner.objects.get(pk=self.winner.pk)
        assert merge_blockers(winner, self.loser) == []

    def test_a_deleted_record_is_not_merged(self):
        gone = make_partner("Gone")
        Partner.objects.filter(pk=gone.pk).delete()
        with self.assertRaisesMessage(ValidationError, "was deleted"):
            merge_partners(self.winner, gone, self.publisher)

    def test_the_old_address_is_not_used_for_another_organisation(self):
        self.merged()
        assert free_slug(is_slug_taken, self.loser.slug) != self.loser.slug


class OldAddressTests(TestCase):
    def setUp(self):
        self.publisher = make_account("Publisher")
        self.winner, self.loser = make_partner("A"), make_partner("B")

    def test_the_old_address_leads_to_the_winner(self):
        make_public_project(lead=self.loser)
        merge_partners(self.winner, self.loser, self.publisher)
        response = self.client.get(self.loser.get_absolute_url())
        self.assertRedirects(response, self.winner.get_absolute_url(), status_code=301)

    def test_the_old_address_leads_to_the_last_winner(self):
        make_public_project(lead=self.loser)
        third = make_partner("C")
        merge_partners(self.winner, self.loser, self.publisher)
        merge_partners(third, self.winner, self.publisher)
        for old in [self.loser, self.winner]:
            with self.subTest(old=old):
                response = self.client.get(old.get_absolute_url())
                self.assertRedirects(response, third.get_absolute_url(), status_code=301)

    def test_the_old_address_of_a_hidden_winner_answers_404(self):
        make_partnership(make_project(), self.loser)
        merge_partners(self.winner, self.loser, self.publisher)
        assert_same_as_missing(self.client, self.loser.get_absolute_url())

    def test_the_old_address_leads_to_one_page(self):
        merge_partners(self.winner, self.loser, self.publisher)
        with refused("merger_old_address_leads_to_one_page"):
            make_merger(self.winner, slug=self.loser.slug)


class UndoTests(TestCase):
    def setUp(self):
        self.publisher = make_account("Publisher")
        self.winner = make_partner("University of Latvia", "LV")
        self.loser = make_partner("Latvijas Universitāte", "LV", website="https://lu.lv")

    def merged(self):
        return merge_partners(self.winner, self.loser, self.publisher)

    def test_account_and_time_of_merger_and_undo_are_recorded(self):
        merger = self.merged()
        assert merger.merged_by == self.publisher
        other = make_account("Publisher")
        undo_merger(merger, other)
        merger.refresh_from_db()
        assert merger.undone_by == other
        assert merger.undone_at is not None
        merger = Merger.objects.select_related("winner").get()
        assert str(merger) == "Latvijas Universitāte into University of Latvia"

    def test_later_changes_survive_an_undo(self):
        part = make_partnership(make_project(), self.loser)
        moved = make_partnership(make_project(), self.loser)
        merger = self.merged()
        part.delete()
        elsewhere = make_partner("Elsewhere")
        Partnership.objects.filter(pk=moved.pk).update(partner=elsewhere)
        Partner.objects.filter(pk=self.winner.pk).update(website="https://www.lu.lv")
        undo_merger(merger, self.publisher)
        assert not Partnership.objects.filter(pk=part.pk).exists()
        assert Partnership.objects.get(pk=moved.pk).partner == elsewhere
        self.winner.refresh_from_db()
        assert self.winner.website == "https://www.lu.lv"

    def test_a_name_that_staff_have_changed_survives_an_undo(self):
        merger = self.merged()
        assert self.winner.names.update(source="Statutes of 2023") == 1
        undo_merger(merger, self.publisher)
        assert self.winner.names.get().source == "Statutes of 2023"

    def test_an_undo_raises_versions(self):
        project = make_project()
        make_partnership(project, self.loser)
        undo_merger(self.merged(), self.publisher)
        for row in [Partner.objects.get(pk=self.winner.pk), Project.objects.get(pk=project.pk)]:
            assert row.version == 2
        assert Partner.objects.get(pk=self.loser.pk).version == 1

    def test_a_merger_is_undone_once(self):
        merger = self.merged()
        undo_merger(merger, self.publisher)
        with self.assertRaisesMessage(ValidationError, "undone already"):
            undo_merger(merger, self.publisher)

    def test_a_merger_is_not_undone_if_the_address_is_taken(self):
        merger = self.merged()
        make_partner("Thief", slug=self.loser.slug)
        with self.assertRaisesMessage(ValidationError, self.loser.slug):
            undo_merger(merger, self.publisher)

    def test_the_later_merger_is_undone_first(self):
        third = make_partner("Third")
        first = self.merged()
        later = merge_partners(third, self.winner, self.publisher)
        with self.assertRaisesMessage(ValidationError, "Undo the later merger"):
            undo_merger(first, self.publisher)
        undo_merger(later, self.publisher)
        undo_merger(first, self.publisher)
        assert Partner.objects.count() == 3

    def test_records_that_were_deleted_since_must_be_restored_first(self):
        parent = make_partner("Parent")
        Partner.objects.filter(pk=self.loser.pk).update(parent=parent)
        merger = self.merged()
        Partner.objects.filter(pk=self.winner.pk).update(parent=None)
        parent.delete()
        with self.assertRaisesMessage(ValidationError, "“Parent” was deleted. Restore it first."):
            undo_merger(merger, self.publisher)

    def test_an_undo_makes_no_circle_of_parents(self):
        unit = make_partner("Faculty", parent=self.loser)
        parent = make_partner("Ministry")
        Partner.objects.filter(pk=self.loser.pk).update(parent=parent)
        Partner.objects.filter(pk=self.winner.pk).update(parent=make_partner("Other"))
        merger = self.merged()
        Partner.objects.filter(pk=parent.pk).update(parent=unit)
        before = everything()
        with self.assertRaisesMessage(ValidationError, "is already part of this organisation"):
            undo_merger(merger, self.publisher)
        assert everything() == before

    def test_a_project_that_breaks_a_rule_is_named(self):
        project = make_public_project(lead=self.loser)
        merger = self.merged()
        Partnership.objects.filter(project=project).update(role="partner")
        make_partnership(project, make_partner("Elsewhere"))
        with self.assertRaisesMessage(ValidationError, f"“{project}”: A public project needs"):
            undo_merger(merger, self.publisher)

    def test_a_merger_without_its_history_is_not_undone(self):
        imported, merger = make_merger(self.winner), self.merged()
        Change.objects.all().delete()
        for without in [imported, merger]:
            with self.assertRaisesMessage(ValidationError, "does not contain this merger"):
                undo_merger(without, self.publisher)

    def test_an_undo_restores_decisions_about_duplicates(self):
        other, gone = make_partner("Other"), make_partner("Gone")
        mark_as_different(self.loser, other, self.publisher)
        mark_as_different(self.loser, gone, self.publisher)
        find_all_duplicates()
        merger = self.merged()
        assert not DuplicateCandidate.objects.exists()
        gone.delete()
        undo_merger(merger, self.publisher)
        row = DuplicateCandidate.objects.get()
        assert (row.first, row.second) == (self.loser, other)
        assert row.decided_by == self.publisher

    def test_a_decision_about_a_duplicate_survives_its_account(self):
        account = make_account("Publisher")
        mark_as_different(self.loser, make_partner("Other"), account)
        merger = self.merged()
        account.delete()
        undo_merger(merger, self.publisher)
        row = DuplicateCandidate.objects.get()
        assert row.decided_at
        assert row.decided_by is None


NAMES = st.sampled_from(["University of Latvia", "Latvijas Universitāte", "LU", "Œuvre", "Ω"])
LANGUAGES = st.sampled_from(["en", "lv", ""])
OTHER_NAMES = st.lists(
    st.tuples(NAMES, LANGUAGES, st.sampled_from(["official", "former"])), unique=True, max_size=4
)
BODY = st.fixed_dictionaries(
    {
        "name": NAMES,
        "name_language": st.sampled_from(["en", "lv"]),
        "city": st.sampled_from(["", "Riga", "Rīga"]),
        "website": st.sampled_from(["", "https://lu.lv"]),
        "registry_number": st.sampled_from(["", "90000076669"]),
        "internal_note": st.sampled_from(["", "x"]),
    }
)
LINKS = st.lists(st.sampled_from(["parent", "successor", "unit", "predecessor"]), max_size=4)


class PropertyTests(PropertyTestCase):
    @settings(max_examples=15, deadline=None)
    @given(data=st.data())
    def test_an_undo_restores_every_record(self, data):
        publisher = make_account("Publisher")
        bodies = [self.draw_body(data) for _ in range(3)]
        before = [everything()]
        mergers = []
        for winner, loser in [(1, 0), (2, 1)]:
            mergers.append(merge_partners(bodies[winner], bodies[loser], publisher))
            before.append(everything())
        for merger in reversed(mergers):
            before.pop()
            undo_merger(merger, publisher)
            assert everything() == before[-1]
        assert not Merger.objects.in_force().exists()

    def draw_body(self, data):
        body = make_partner(country="LV", **data.draw(BODY))
        for text, language, kind in data.draw(OTHER_NAMES):
            make_partner_name(body, text, language=language, kind=kind)
        for role in data.draw(st.lists(st.sampled_from(["lead", "partner"]), max_size=2)):
            make_partnership(make_project(), body, role=role)
        for link in data.draw(LINKS):
            self.link(body, link)
        return Partner.objects.get(pk=body.pk)

    def link(self, body, link):
        other = make_partner("Kin")
        if link in ["parent", "successor"]:
            day = date(2020, 1, 1) if link == "successor" else None
            extra = {"succeeded_on": day} if day else {}
            Partner.objects.filter(pk=body.pk).update(**{link: other}, **extra)
        else:
            field = {"unit": "parent", "predecessor": "successor"}[link]
            Partner.objects.filter(pk=other.pk).update(**{field: body})
