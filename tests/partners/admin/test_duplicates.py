"""Staff pages of possible duplicates and mergers."""

from django.contrib.admin.models import LogEntry
from django.test import TestCase
from django.urls import reverse

from partners.matching.duplicates import find_all_duplicates, mark_as_different
from partners.matching.merge import merge_partners
from partners.models import DuplicateCandidate, Merger, Partner
from tests.support.accounts import client_of, filled_in, make_account, save, signed_in, versions_in
from tests.support.factories import (
    make_country,
    make_partner,
    make_partner_name,
    make_partnership,
    make_project,
    make_public_project,
)
from tests.support.hidden_records import number_of_queries, words

DUPLICATES = "/admin/partners/partner/duplicates/"
MERGERS = "/admin/partners/partner/mergers/"
ADD = "/admin/partners/partner/add/"


def change_page(partner):
    return reverse("admin:partners_partner_change", args=[partner.pk])


def merge_page(winner, loser):
    return f"/admin/partners/partner/{winner.pk}/merge/{loser.pk}/"


def confirm_merger(client, winner, loser):
    page = merge_page(winner, loser)
    [version] = versions_in(client.get(page))
    return client.post(page, {"version": version}, follow=True)


class Base(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.winner = make_partner(
            "University of Latvia", "LV", city="Riga", website="https://lu.lv"
        )
        cls.loser = make_partner("Latvijas Universitāte", "LV", city="Rīga")


class DuplicatesTests(Base):
    def setUp(self):
        find_all_duplicates()

    def test_a_pair_is_shown_with_reasons_and_actions(self):
        page = words(client_of("Publisher").get(DUPLICATES))
        assert "1 pair waits for a decision" in page
        assert "the same words, in another order or language" in page
        assert merge_page(self.winner, self.loser) in page
        assert "Not the same" in page

    def test_the_list_of_partners_links_to_duplicates_and_mergers(self):
        page = words(client_of("Viewer").get("/admin/partners/partner/"))
        assert f'href="{DUPLICATES}"' in page
        assert f'href="{MERGERS}"' in page
        choosing = words(client_of("Editor").get("/admin/partners/partner/?_popup=1"))
        assert DUPLICATES not in choosing

    def test_a_pair_marked_as_different_leaves_the_list(self):
        editor = make_account("Editor")
        pair = DuplicateCandidate.objects.get()
        response = signed_in(editor).post(DUPLICATES, {"pair": pair.pk}, follow=True)
        assert "are marked as different organisations" in words(response)
        assert "No possible duplicates" in words(response)
        assert "pairs wait" not in words(response)
        pair.refresh_from_db()
        assert pair.decided_by == editor
        entries = LogEntry.objects.values_list("object_id", flat=True)
        assert set(entries) == {str(self.winner.pk), str(self.loser.pk)}

    def test_each_role_sees_only_its_actions(self):
        for role, decides, merges in [
            ("Viewer", False, False),
            ("Editor", True, False),
            ("Publisher", True, True),
        ]:
            with self.subTest(role=role):
                page = words(client_of(role).get(DUPLICATES))
                assert ("Merge…" in page) == merges
                assert ('name="pair"' in page) == decides
        pair = DuplicateCandidate.objects.get()
        answer = client_of("Viewer").post(DUPLICATES, {"pair": pair.pk})
        assert answer.status_code == 403
        assert DuplicateCandidate.objects.waiting().get() == pair

    def test_an_unknown_pair_answers_404(self):
        client = client_of("Editor")
        for pair in ["", "x", "999", "-1"]:
            with self.subTest(pair=pair):
                assert client.post(DUPLICATES, {"pair": pair}).status_code == 404

    def test_a_long_list_has_pages_and_needs_as_many_queries(self):
        client = client_of("Publisher")
        few = number_of_queries(client, DUPLICATES)
        for number in range(7):
            make_partner(f"Baltic Sea Radio {'I' * number}", "EE")
            make_partner("Baltic Sea Radio", "EE")
        find_all_duplicates()
        assert number_of_queries(client, DUPLICATES) == few
        assert "Page 1 of" in words(client.get(DUPLICATES))
        assert "Previous page" in words(client.get(DUPLICATES, {"page": 2}))


class MergePageTests(Base):
    def setUp(self):
        self.publisher = make_account("Publisher")
        self.client = signed_in(self.publisher)

    def test_page_shows_moved_records_and_public_changes(self):
        make_partner_name(self.loser, "Alma Mater Rigensis")
        make_partner("Faculty of Law", parent=self.loser)
        make_partner("Academy of Riga", successor=self.loser)
        make_partnership(make_project(title="A draft"), self.loser)
        project = make_public_project(lead=self.loser, title="Safer Ports")
        project.partnerships.update(name_as_published="LU")
        page = words(self.client.get(merge_page(self.winner, self.loser)))
        for sentence in [
            "<li>Latvijas Universitāte</li>",
            "<li>Alma Mater Rigensis</li>",
            "A draft: partner",
            "Safer Ports: lead partner, published as “LU”",
            "Faculty of Law",
            "Academy of Riga",
            "City: “Rīga”. “Riga” is kept.",
            f">redirects to {self.winner.get_absolute_url()}</td>",
            "Latvijas Universitāte, Latvia, LU</td>",
            "University of Latvia, Latvia, LU</td>",
            f'<td data-label="Then">{self.winner.get_absolute_url()}</td>',
        ]:
            with self.subTest(sentence=sentence):
                assert sentence in page
        assert "A draft" not in page.partition("What readers will see change")[2]

    def test_page_names_each_note_and_source_that_will_be_lost(self):
        for partner, words_of in [(self.winner, "kept"), (self.loser, "lost")]:
            Partner.objects.filter(pk=partner.pk).update(internal_note=f"A note {words_of}")
            make_partner_name(partner, "Alma Mater", source=f"A source {words_of}")
            make_partner_name(partner, "LU", source="The same source")
        make_partner_name(self.winner, "Lettlands Universität")
        make_partner_name(self.loser, "Lettlands Universität", source="A source alone")
        page = words(self.client.get(merge_page(self.winner, self.loser)))
        for sentence in [
            "Internal note: “A note lost”. “A note kept” is kept.",
            "Source of “Alma Mater”: “A source lost”. “A source kept” is kept.",
            "Source of “Lettlands Universität”: “A source alone”. “–” is kept.",
        ]:
            with self.subTest(sentence=sentence):
                assert sentence in page
        assert "The same source" not in page

    def test_the_impact_leaves_out_internal_notes(self):
        Partner.objects.filter(pk=self.loser.pk).update(internal_note="Secret")
        Partner.objects.filter(pk=self.winner.pk).update(name="Latvijas Universitāte")
        make_public_project(lead=self.loser)
        make_public_project(lead=self.winner)
        page = words(self.client.get(merge_page(self.winner, self.loser)))
        assert "Secret" not in page.partition("What readers will see change")[2]

    def test_a_confirmed_merger_is_logged_for_both_records(self):
        response = confirm_merger(self.client, self.winner, self.loser)
        self.assertRedirects(response, change_page(self.winner))
        assert "“Latvijas Universitāte” was merged into this record" in words(response)
        assert not Partner.objects.filter(pk=self.loser.pk).exists()
        assert Merger.objects.get().merged_by == self.publisher
        entries = dict(LogEntry.objects.values_list("object_id", "change_message"))
        assert "Merged into" in entries[str(self.loser.pk)]
        assert "was merged into this record" in entries[str(self.winner.pk)]

    def test_records_changed_since_the_page_was_opened_are_not_merged(self):
        page = merge_page(self.winner, self.loser)
        [version] = versions_in(self.client.get(page))
        Partner.objects.filter(pk=self.loser.pk).update(version=7)
        response = self.client.post(page, {"version": version})
        assert "the records have changed" in words(response)
        assert Partner.objects.filter(pk=self.loser.pk).exists()
        assert not LogEntry.objects.exists()

    def test_a_blocked_merger_shows_the_reason_and_no_button(self):
        project = make_project(title="Both at once")
        make_partnership(project, self.winner)
        make_partnership(project, self.loser)
        page = words(self.client.get(merge_page(self.winner, self.loser)))
        assert "Both at once" in page
        assert 'value="Merge the records"' not in page
        assert "Both at once" in words(confirm_merger(self.client, self.winner, self.loser))

    def test_an_unknown_record_answers_404(self):
        missing = make_partner()
        missing_page = merge_page(self.winner, missing)
        missing.delete()
        assert self.client.get(missing_page).status_code == 404


class ChooseTests(Base):
    def setUp(self):
        self.client = client_of("Publisher")
        self.page = f"/admin/partners/partner/{self.winner.pk}/merge/"

    def test_possible_duplicates_are_offered_first(self):
        find_all_duplicates()
        page = words(self.client.get(self.page))
        assert merge_page(self.winner, self.loser) in page

    def test_any_other_record_can_be_chosen(self):
        other = make_partner("Anybody")
        response = self.client.post(self.page, {"other": other.pk})
        self.assertRedirects(response, merge_page(self.winner, other))

    def test_a_missing_choice_shows_the_form_again(self):
        for other in ["", "x", "999"]:
            with self.subTest(other=other):
                response = self.client.post(self.page, {"other": other})
                assert response.status_code == 200
                assert "field__errors" in words(response)

    def test_the_same_record_is_refused_where_another_can_be_chosen(self):
        page = words(self.client.post(self.page, {"other": self.winner.pk}))
        assert "Choose another organisation: this is the same record." in page
        assert "Preview the merger" in page


class UndoTests(Base):
    def setUp(self):
        self.publisher = make_account("Publisher")
        self.client = signed_in(self.publisher)
        self.merger = merge_partners(self.winner, self.loser, self.publisher)
        self.page = f"{MERGERS}{self.merger.pk}/undo/"

    def test_a_merger_is_listed_and_can_be_undone(self):
        assert self.page in words(self.client.get(MERGERS))
        assert "a separate record again" in words(self.client.get(self.page))
        response = self.client.post(self.page, follow=True)
        self.assertRedirects(response, change_page(self.loser))
        assert "Undone on" in words(self.client.get(MERGERS))
        assert self.page not in words(self.client.get(MERGERS))
        assert LogEntry.objects.count() == 2

    def test_the_pair_is_a_possible_duplicate_again(self):
        self.client.post(self.page)
        assert DuplicateCandidate.objects.waiting().count() == 1

    def test_a_blocked_undo_shows_the_reason(self):
        make_partner("Thief", slug=self.loser.slug)
        for response in [self.client.get(self.page), self.client.post(self.page)]:
            assert "uses the address" in words(response)
            assert 'value="Undo the merger"' not in words(response)
        assert not Partner.objects.filter(pk=self.loser.pk).exists()

    def test_a_merger_cannot_be_undone_after_the_winner_is_deleted(self):
        Partner.objects.get(pk=self.winner.pk).delete()
        assert "into a record that was deleted" in words(self.client.get(MERGERS))
        assert "with everything in it" in words(self.client.get(self.page))
        missing = self.client.get(self.loser.get_absolute_url())
        assert missing.status_code == 404


class EntryTests(Base):
    def setUp(self):
        self.editor = make_account("Editor")
        self.client = signed_in(self.editor)
        make_country("EE")

    def typed(self, **changes):
        values = {"name": "Latvian University", "country": "LV", "kind": "university"}
        return filled_in(self.client, ADD, **values | changes)

    def test_a_new_record_names_its_possible_duplicates(self):
        page = words(self.client.post(ADD, self.typed(), follow=True))
        new = Partner.objects.get(name="Latvian University")
        assert f'Possible duplicate of <a href="{change_page(self.winner)}">' in page
        assert "the same words, in another order or language" in page
        assert DuplicateCandidate.objects.of(new).waiting().count() == 2

    def test_a_record_without_similar_records_warns_of_nothing(self):
        page = words(self.client.post(ADD, self.typed(country="EE"), follow=True))
        assert Partner.objects.filter(name="Latvian University").exists()
        assert "Possible duplicate of" not in page

    def test_a_changed_record_is_saved_and_compared(self):
        radio = make_partner("Radio", "LV")
        save(self.client, change_page(radio), name="University of Latvia")
        radio.refresh_from_db()
        assert radio.name == "University of Latvia"
        page = words(self.client.get(change_page(radio)))
        assert f'Possible duplicate of <a href="{change_page(self.winner)}">' in page

    def test_a_pair_marked_as_different_is_not_reported_on_the_record(self):
        find_all_duplicates()
        mark_as_different(self.winner, self.loser, self.editor)
        assert "Possible duplicate of" not in words(self.client.get(change_page(self.winner)))
