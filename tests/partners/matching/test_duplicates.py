from hashlib import sha256
from io import StringIO

from django.core.management import call_command
from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext

from partners.matching.duplicates import (
    find_all_duplicates,
    find_duplicates_of,
    mark_as_different,
    website_host,
)
from partners.models import DuplicateCandidate
from partners.similar_names import Reason
from tests.support.accounts import make_account
from tests.support.factories import make_partner, make_partner_name
from tests.support.refusals import refused


def waiting():
    return {(row.first, row.second) for row in DuplicateCandidate.objects.waiting()}


class FindAllDuplicatesTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.older = make_partner("University of Latvia", "LV")
        cls.newer = make_partner("Latvijas Universitāte", "LV")
        make_partner("Latvijas Universitāte", "EE")
        make_partner("Riga Free Port", "LV")

    def test_pairs_within_a_country_wait_with_their_reasons(self):
        assert find_all_duplicates() == 1
        row = DuplicateCandidate.objects.get()
        assert (row.first, row.second) == (self.older, self.newer)
        assert row.reasons == Reason.SAME_WORDS
        assert row.score_percent == 95
        assert row.reasons_in_words() == "the same words, in another order or language"

    def test_a_pair_that_is_no_longer_similar_is_deleted(self):
        find_all_duplicates()
        self.newer.name = "Latvian Radio"
        self.newer.save()
        assert find_all_duplicates() == 0
        assert not DuplicateCandidate.objects.exists()

    def test_a_decision_records_account_and_time(self):
        editor = make_account("Editor")
        find_all_duplicates()
        mark_as_different(self.newer, self.older, editor)
        assert find_all_duplicates() == 0
        row = DuplicateCandidate.objects.get()
        assert row.decided_by == editor
        assert row.decided_at is not None

    def test_a_decision_survives_changes_of_names(self):
        mark_as_different(self.older, self.newer, make_account("Editor"))
        self.newer.name = "Latvian Radio"
        self.newer.save()
        find_all_duplicates()
        self.newer.name = "Latvijas Universitāte"
        self.newer.save()
        assert find_all_duplicates() == 0

    def test_a_unit_and_a_successor_are_no_duplicates(self):
        for field in ["parent", "successor"]:
            with self.subTest(field=field):
                setattr(self.newer, field, self.older)
                self.newer.save()
                assert find_all_duplicates() == 0
                setattr(self.newer, field, None)
                self.newer.save()
                assert find_all_duplicates() == 1

    def test_other_names_and_websites_count(self):
        make_partner_name(self.newer, "Baltic Lighthouse Keepers SIA")
        port = make_partner("Baltic Lighthouse Keepers", "LV", website="https://rop.lv/about")
        shop = make_partner("Shop of Ships", "LV", website="https://www.rop.lv/")
        find_all_duplicates()
        assert waiting() == {(self.older, self.newer), (self.newer, port), (port, shop)}

    def test_the_same_registry_number_in_a_country_is_certain(self):
        one = make_partner("Harbour of Liepāja", "LV", registry_number="40003032949")
        other = make_partner("Special Economic Zone", "LV", registry_number="40003032949")
        make_partner("Elsewhere", "EE", registry_number="40003032949")
        make_partner("Not registered", "LV")
        find_all_duplicates()
        row = DuplicateCandidate.objects.get(first=one)
        assert (row.second, row.reasons) == (other, Reason.REGISTRY)
        assert row.score_percent == 100
        find_duplicates_of(other)
        assert (one, other) in waiting()

    def test_a_website_of_many_organisations_is_no_reason(self):
        DuplicateCandidate.objects.all().delete()
        for number in range(151):
            name = sha256(bytes([number])).hexdigest()
            make_partner(f"Zebra {name}", "DK", website="https://zebra.dk")
        assert find_all_duplicates() == 1


class CommandTests(TestCase):
    def test_the_command_prints_the_number_of_waiting_pairs(self):
        make_partner("University of Latvia", "LV")
        make_partner("Latvijas Universitāte", "LV")
        out = StringIO()
        call_command("find_duplicates", stdout=out)
        assert out.getvalue() == "1 pair of organisations waits for a decision.\n"


class FindDuplicatesOfTests(TestCase):
    def test_an_organisation_is_compared_with_the_others(self):
        older = make_partner("University of Latvia", "LV", website="https://lu.lv")
        newer = make_partner("A", "LV", website="https://lu.lv")
        make_partner_name(newer, "Latvijas Universitāte")
        find_duplicates_of(newer)
        row = DuplicateCandidate.objects.get()
        assert (row.first, row.second) == (older, newer)
        assert set(row.reasons.split(",")) == {Reason.SAME_WORDS, Reason.WEBSITE}

    def test_only_outdated_pairs_of_the_organisation_are_deleted(self):
        older = make_partner("University of Latvia", "LV")
        newer = make_partner("Latvijas Universitāte", "LV")
        third = make_partner("Baltic Sea Radio", "LV")
        fourth = make_partner("Baltic Sea Radio", "LV")
        find_all_duplicates()
        newer.name = "Latvian Radio"
        newer.save()
        find_duplicates_of(newer)
        assert waiting() == {(third, fourth)}
        assert older not in {row.first for row in DuplicateCandidate.objects.all()}

    def test_many_organisations_are_compared_together(self):
        recorded = make_partner("University of Latvia", "LV")
        same = [make_partner("Latvijas Universitāte", "LV") for _number in range(3)]
        ports = [make_partner("Port of Tallinn", "EE"), make_partner("Port of Tallin", "EE")]
        with CaptureQueriesContext(connection) as of_two:
            find_duplicates_of(same[0], ports[0])
        assert waiting() == {(recorded, same[0]), (same[0], same[1]), (same[0], same[2]), (*ports,)}
        with CaptureQueriesContext(connection) as of_five:
            find_duplicates_of(*same, *ports)
        assert len(of_two) == len(of_five)
        assert len(waiting()) == 7


class DuplicateCandidateTests(TestCase):
    def test_the_older_record_comes_first(self):
        one, other = make_partner(), make_partner()
        with refused("duplicatecandidate_older_record_first"):
            DuplicateCandidate.objects.create(first=other, second=one, score_percent=90)

    def test_a_pair_is_recorded_once(self):
        one, other = make_partner(), make_partner()
        DuplicateCandidate.objects.create(first=one, second=other, score_percent=90)
        with refused("duplicatecandidate_once_per_pair"):
            DuplicateCandidate.objects.create(first=one, second=other, score_percent=90)

    def test_the_score_is_a_percentage(self):
        one, other = make_partner(), make_partner()
        with refused("duplicatecandidate_score_percent_is_a_percentage"):
            DuplicateCandidate.objects.create(first=one, second=other, score_percent=101)

    def test_a_pair_is_named_after_both_organisations(self):
        row = DuplicateCandidate(first=make_partner("A"), second=make_partner("B"))
        assert str(row) == "A – B"


def test_a_shared_host_is_no_reason():
    assert website_host("https://www.facebook.com/marta") == ""
    assert website_host("https://marta.wordpress.com/") == ""
    assert website_host("https://www.marta.lv/en") == "marta.lv"
    assert website_host("") == ""
