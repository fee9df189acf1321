from django.test import TestCase

from partners.matching.lookup import RecordedNames, recognise
from partners.models import Partner
from partners.similar_names import Reason
from tests.support.factories import make_country, make_partner, make_partner_name


def similar(name, country):
    return RecordedNames(country).similar_partners(name, country)


class RecogniseTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.latvia = make_country("LV")
        cls.police = make_partner("Liepāja Municipal Police", "LV")
        make_partner_name(cls.police, "Liepājas pašvaldības policija")

    def answers(self, name, country):
        """The answer of `recognise()`, compared with the lookup for many names."""
        partner = recognise(name, country)
        keys = RecordedNames().partners_named(name, country.pk)
        assert partner == (Partner.objects.get(pk=keys[0]) if len(keys) == 1 else None)
        return partner

    def test_case_and_accents_do_not_matter(self):
        for name in ["LIEPAJA municipal police", "Liepajas pasvaldibas policija"]:
            with self.subTest(name=name):
                assert self.answers(name, self.latvia) == self.police

    def test_a_name_is_recognised_only_in_its_country(self):
        assert self.answers("Liepāja Municipal Police", make_country("LT")) is None

    def test_an_unknown_name_is_not_recognised(self):
        for name in ["Liepāja Police", "", "!"]:
            with self.subTest(name=name):
                assert self.answers(name, self.latvia) is None

    def test_a_name_of_two_organisations_is_not_recognised(self):
        other = make_partner("Municipal Police", "LV")
        make_partner_name(other, "Liepaja municipal police")
        assert self.answers("Liepāja Municipal Police", self.latvia) is None

    def test_a_name_recorded_twice_for_one_organisation_is_recognised(self):
        make_partner_name(self.police, "Liepāja Municipal Police", language="lv")
        assert self.answers("Liepāja Municipal Police", self.latvia) == self.police

    def test_many_names_find_every_organisation_with_the_name(self):
        other = make_partner("LIEPAJA municipal police", "LV")
        marks = make_partner("!?", "LV")
        names = RecordedNames()
        assert names.partners_named("Liepāja Municipal Police", "LV") == [self.police.pk, other.pk]
        assert names.partners_named("!?", "LV") == [marks.pk]


class SimilarPartnersTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.latvia = make_country("LV")
        cls.university = make_partner("University of Latvia", "LV", website="https://www.lu.lv/en/")
        make_partner("Riga Stradiņš University", "LV")
        make_partner("Lettish University", "SE")

    def test_a_name_in_another_language_is_similar_for_a_reason(self):
        [candidate] = similar("Latvijas Universitāte", "LV")
        assert candidate.partner == self.university
        assert candidate.reasons == [Reason.SAME_WORDS]
        assert candidate.score >= 0.8

    def test_other_names_are_compared(self):
        make_partner_name(self.university, "Alma Mater Rigensis")
        [candidate] = similar("SIA Alma mater Rigensis", "LV")
        assert candidate.partner == self.university

    def test_other_countries_are_not_compared(self):
        assert similar("Latvijas Universitāte", "EE") == []

    def test_a_name_without_words_is_similar_to_nothing(self):
        for name in ["", "!?", "x" * 5000]:
            with self.subTest(name=name[:3]):
                assert similar(name, "LV") == []

    def test_the_most_similar_ten_are_returned(self):
        for number in range(12):
            make_partner("Friedrich Schiller University Jena", "DE", city=f"{number}")
        best = make_partner("Universität Jena", "DE")
        candidates = similar("University of Jena", "DE")
        assert candidates[0].partner == best
        assert len(candidates) == 10
