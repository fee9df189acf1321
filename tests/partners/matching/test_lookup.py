from django.test import TestCase

from partners.matching.lookup import RecordedNames, recognise, similar_partners, website_host
from partners.models import Partner
from partners.similarity import Reason
from tests.support.factories import make_country, make_partner, make_partner_name


class RecogniseTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.latvia = make_country("LV")
        cls.police = make_partner("Liepāja Municipal Police", "LV")
        make_partner_name(cls.police, "Liepājas pašvaldības policija")

    def answers(self, name, country):
        """The answer of `recognise()`, compared with the lookup for many names."""
        found = recognise(name, country)
        keys = RecordedNames().partners_named(name, country.pk)
        assert found == (Partner.objects.get(pk=keys[0]) if len(keys) == 1 else None)
        return found

    def test_any_name_is_recognised_without_case_and_accents(self):
        for name in ["LIEPAJA municipal police", "Liepajas pasvaldibas policija"]:
            with self.subTest(name=name):
                self.assertEqual(self.answers(name, self.latvia), self.police)

    def test_a_name_is_recognised_in_its_own_country_only(self):
        self.assertIsNone(self.answers("Liepāja Municipal Police", make_country("LT")))

    def test_another_name_is_nobodys(self):
        for name in ["Liepāja Police", "", "!"]:
            with self.subTest(name=name):
                self.assertIsNone(self.answers(name, self.latvia))

    def test_a_name_of_two_is_left_to_a_person(self):
        other = make_partner("Municipal Police", "LV")
        make_partner_name(other, "Liepaja municipal police")
        self.assertIsNone(self.answers("Liepāja Municipal Police", self.latvia))

    def test_a_name_given_twice_is_recognised_all_the_same(self):
        make_partner_name(self.police, "Liepāja Municipal Police", language="lv")
        self.assertEqual(self.answers("Liepāja Municipal Police", self.latvia), self.police)

    def test_many_names_find_every_organisation_with_the_name(self):
        other = make_partner("LIEPAJA municipal police", "LV")
        marks = make_partner("!?", "LV")
        names = RecordedNames()
        self.assertEqual(
            names.partners_named("Liepāja Municipal Police", "LV"), [self.police.pk, other.pk]
        )
        self.assertEqual(names.partners_named("!?", "LV"), [marks.pk])


class SimilarPartnersTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.latvia = make_country("LV")
        cls.university = make_partner("University of Latvia", "LV", website="https://www.lu.lv/en/")
        make_partner("Riga Stradiņš University", "LV")
        make_partner("Lettish University", "SE")

    def answers(self, name):
        """The answer of `similar_partners()`, compared with the lookup for many names."""
        candidates = similar_partners(name, self.latvia)
        assert candidates == RecordedNames().similar_partners(name, self.latvia.pk)
        return candidates

    def test_a_name_in_another_language_is_near_with_the_reason(self):
        [found] = self.answers("Latvijas Universitāte")
        self.assertEqual(found.partner, self.university)
        self.assertEqual(found.reasons, [Reason.SAME_WORDS])
        self.assertGreaterEqual(found.score, 0.8)

    def test_any_other_name_counts(self):
        make_partner_name(self.university, "Alma Mater Rigensis")
        [found] = self.answers("SIA Alma mater Rigensis")
        self.assertEqual(found.partner, self.university)

    def test_other_countries_are_not_asked(self):
        self.assertEqual(similar_partners("Latvijas Universitāte", make_country("EE")), [])

    def test_the_same_website_is_a_reason_of_its_own(self):
        [found] = similar_partners("Faculty of Arts", self.latvia, website="http://lu.lv/arts")
        self.assertEqual((found.partner, found.reasons), (self.university, [Reason.WEBSITE]))
        self.assertEqual(
            similar_partners("Faculty of Arts", self.latvia, website="https://u.lv"), []
        )

    def test_all_reasons_are_given_the_strongest_first(self):
        [found] = similar_partners("Latvijas Universitāte", self.latvia, website="https://lu.lv")
        self.assertEqual(found.reasons, [Reason.SAME_WORDS, Reason.WEBSITE])

    def test_the_organisation_itself_is_not_near_itself(self):
        self.assertEqual(
            similar_partners("University of Latvia", self.latvia, exclude=self.university), []
        )

    def test_a_name_without_words_is_near_nothing(self):
        for name in ["", "!?", "x" * 5000]:
            with self.subTest(name=name[:3]):
                self.assertEqual(self.answers(name), [])

    def test_the_likeliest_comes_first_and_the_answer_is_bounded(self):
        for number in range(12):
            make_partner("Friedrich Schiller University Jena", "DE", city=f"{number}")
        best = make_partner("Universität Jena", "DE")
        found = similar_partners("University of Jena", make_country("DE"))
        self.assertEqual(found[0].partner, best)
        self.assertEqual(len(found), 10)

    def test_many_names_need_one_query_each_after_all_names_are_read(self):
        with self.assertNumQueries(2):
            names = RecordedNames()
        with self.assertNumQueries(1):
            for name in ["Latvijas Universitāte", "Riga Free Port", "Meteorological Office"]:
                names.similar_partners(name, "LV")

    def test_the_number_of_queries_is_fixed(self):
        make_partner_name(self.university, "Alma Mater Rigensis")
        for rows in (1, 3, 30):
            for _ in range(rows):
                make_partner("Universitāte Latvijas", "LV")
            with self.subTest(rows=rows), self.assertNumQueries(6):
                similar_partners("Latvijas Universitāte", self.latvia, website="https://lu.lv")


def test_a_host_that_many_share_says_nothing():
    assert website_host("https://www.facebook.com/marta") == ""
    assert website_host("https://marta.wordpress.com/") == ""
    assert website_host("https://www.marta.lv/en") == "marta.lv"
    assert website_host("") == ""
