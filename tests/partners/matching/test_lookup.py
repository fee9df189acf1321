from django.test import TestCase

from partners.matching.lookup import Recogniser, host_of, near, recognise
from partners.similarity import Reason
from tests.support.factories import make_country, make_partner, make_partner_name


class RecogniseTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.latvia = make_country("LV")
        cls.police = make_partner("Liepāja Municipal Police", "LV")
        make_partner_name(cls.police, "Liepājas pašvaldības policija")

    def answers(self, name, country):
        """What both doors answer, which must be the same."""
        found = recognise(name, country)
        assert Recogniser().key_of(name, country) == (found.pk if found else None)
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


class NearTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.latvia = make_country("LV")
        cls.university = make_partner("University of Latvia", "LV", website="https://www.lu.lv/en/")
        make_partner("Riga Stradiņš University", "LV")
        make_partner("Lettish University", "SE")

    def test_a_name_in_another_language_is_near_with_the_reason(self):
        [found] = near("Latvijas Universitāte", self.latvia)
        self.assertEqual(found.partner, self.university)
        self.assertEqual(found.reasons, [Reason.SAME_WORDS])
        self.assertGreaterEqual(found.score, 0.8)

    def test_any_other_name_counts(self):
        make_partner_name(self.university, "Alma Mater Rigensis")
        [found] = near("SIA Alma mater Rigensis", self.latvia)
        self.assertEqual(found.partner, self.university)

    def test_other_countries_are_not_asked(self):
        self.assertEqual(near("Latvijas Universitāte", make_country("EE")), [])

    def test_the_same_website_is_a_reason_of_its_own(self):
        [found] = near("Faculty of Arts", self.latvia, website="http://lu.lv/arts")
        self.assertEqual((found.partner, found.reasons), (self.university, [Reason.WEBSITE]))
        self.assertEqual(near("Faculty of Arts", self.latvia, website="https://u.lv"), [])

    def test_all_reasons_are_given_the_strongest_first(self):
        [found] = near("Latvijas Universitāte", self.latvia, website="https://lu.lv")
        self.assertEqual(found.reasons, [Reason.SAME_WORDS, Reason.WEBSITE])

    def test_the_organisation_itself_is_not_near_itself(self):
        self.assertEqual(near("University of Latvia", self.latvia, other_than=self.university), [])

    def test_a_name_without_words_is_near_nothing(self):
        for name in ["", "!?", "x" * 5000]:
            with self.subTest(name=name[:3]):
                self.assertEqual(near(name, self.latvia), [])

    def test_the_likeliest_comes_first_and_the_answer_is_bounded(self):
        for number in range(12):
            make_partner("Friedrich Schiller University Jena", "DE", city=f"{number}")
        best = make_partner("Universität Jena", "DE")
        found = near("University of Jena", make_country("DE"))
        self.assertEqual(found[0].partner, best)
        self.assertEqual(len(found), 10)

    def test_the_number_of_queries_is_fixed(self):
        make_partner_name(self.university, "Alma Mater Rigensis")
        for rows in (1, 3, 30):
            for _ in range(rows):
                make_partner("Universitāte Latvijas", "LV")
            with self.subTest(rows=rows), self.assertNumQueries(6):
                near("Latvijas Universitāte", self.latvia, website="https://lu.lv")


def test_a_host_that_many_share_says_nothing():
    assert host_of("https://www.facebook.com/marta") == ""
    assert host_of("https://marta.wordpress.com/") == ""
    assert host_of("https://www.marta.lv/en") == "marta.lv"
    assert host_of("") == ""
