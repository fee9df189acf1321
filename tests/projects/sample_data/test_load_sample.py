import json
from decimal import Decimal
from io import StringIO

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db.models import Count, Q
from django.test import TestCase
from django.utils import timezone

from partners.models import Country, Membership, Partner, PartnerName
from projects.models import Call, Decision, Partnership, Phase, Project, Source, Topic
from projects.sample_data.loader import SAMPLE, load_calls
from tests.support.factories import make_country


def load():
    output = StringIO()
    call_command("load_sample", stdout=output)
    return output.getvalue()


def all_rows():
    """All rows of the tables that the command writes."""
    models = [
        Call,
        Decision,
        Project,
        Partnership,
        Partner,
        PartnerName,
        Source,
        Topic,
        Membership,
        Project.topics.through,
        Project.announced_countries.through,
    ]
    return {model: list(model.objects.order_by("pk").values()) for model in models}


def codes(countries):
    return {country.code for country in countries}


@pytest.mark.unmeasured
class SampleTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.started_at = timezone.now()
        cls.output = load()

    def project(self, number):
        return Project.objects.public().get(reference=f"PSF-2019-0{number}")

    def test_command_reports_loaded_records(self):
        assert self.output == "Loaded PSF 2019.\n"

    def test_five_projects_with_twenty_organisations_from_nine_countries(self):
        assert Project.objects.public().count() == 5
        assert Partnership.objects.public().count() == 21
        assert Partner.objects.public().count() == 20
        taking_part = Country.objects.filter(partnerships__in=Partnership.objects.public())
        assert codes(taking_part) == {"DE", "DK", "FI", "LT", "LV", "NO", "PL", "RU", "SE"}

    def test_projects_and_rows_per_country(self):
        public = Q(partnerships__in=Partnership.objects.public())
        counted = Country.objects.annotate(
            projects=Count("partnerships__project", filter=public, distinct=True),
            rows=Count("partnerships", filter=public, distinct=True),
        )
        expected = {"LV": 4, "FI": 4, "NO": 3, "SE": 2, "RU": 2, "LT": 2, "DK": 1, "DE": 1, "PL": 1}
        assert {one.code: one.projects for one in counted if one.projects} == expected
        assert {one.code: one.rows for one in counted if one.rows} == {**expected, "FI": 5}

    def test_distinct_countries_of_each_project_lead_first(self):
        assert [
            [one.code for one in self.project(number).countries()] for number in range(1, 6)
        ] == [
            ["NO", "LV", "SE", "RU"],
            ["LV", "FI", "LT"],
            ["LV", "NO", "FI", "DE", "LT", "DK", "PL"],
            ["RU", "FI", "LV"],
            ["SE", "NO", "FI"],
        ]

    def test_call_and_decision_are_loaded(self):
        call = Call.objects.public().get()
        assert (call.title, call.slug, call.opens()) == ("PSF 2019", "psf-2019", "")
        assert call.closes() == "31 March 2019"
        assert (call.ceiling_eur, call.min_member_states) == (Decimal(65000), 3)
        assert (call.received_count, call.eligible_count, call.funded_count) == (None, 12, 5)
        assert [one.name for one in call.priorities.all()] == ["Safe and Secure Region"]
        assert call.phase() == Phase.DECIDED
        decision = call.public_decision()
        assert decision.body == "Committee of Senior Officials"
        assert (decision.decided_on, decision.meeting) == (None, "")
        assert decision.announced_on.isoformat() == "2019-08-16"

    def test_each_period_has_its_known_precision(self):
        assert [self.project(number).period() for number in range(1, 6)] == [
            "",
            "September 2019 to November 2020",
            "2 September 2019 to 31 August 2021",
            "until December 2020",
            "2 September 2019 to 31 December 2020",
        ]

    def test_amounts_are_ceilings(self):
        (money,) = Project.objects.public().money()
        assert (money.kind, money.count, money.total) == ("ceiling", 5, Decimal(325000))
        assert (money.least, money.greatest) == (Decimal(65000), Decimal(65000))

    def test_only_the_headline_of_project_03_contradicts_its_partner_list(self):
        project = self.project(3)
        assert project.acronym == "CAPE"
        assert project.as_published == (
            "Lead partner: Latvia (Ministry of the Interior of the Republic of Latvia) "
            "in partnership with Estonia, Finland and Denmark"
        )
        disagreement = project.disagreement()
        assert codes(disagreement.only_announced) == {"EE"}
        assert codes(disagreement.only_listed) == {"DE", "LT", "NO", "PL"}
        places = codes(project.activity_countries.all())
        assert places == {"DK", "DE", "LV", "PL", "NO", "FI"}
        for number in [1, 2, 4, 5]:
            with self.subTest(number=number):
                assert self.project(number).announced_countries.exists()
                assert self.project(number).disagreement() is None

    def test_every_title_period_and_amount_has_a_source(self):
        for project in Project.objects.public():
            sources = set(project.sources.exclude(citation="").values_list("about", flat=True))
            with self.subTest(project=project.reference):
                assert {"announcement", "title", "period", "amount"} <= sources
        call = Call.objects.get()
        assert {"announcement", "figures", "decision", "rules"} <= set(
            call.sources.values_list("about", flat=True)
        )

    def test_changes_by_staff_are_not_overwritten(self):
        Project.objects.filter(reference="PSF-2019-01").update(title="Another title")
        Project.objects.filter(reference="PSF-2019-05").delete()
        Partner.objects.filter(slug="stellit").update(name="Stellit (St Petersburg)")
        PartnerName.objects.filter(partner__slug="stellit").delete()
        Call.objects.update(title="PSF of 2019")
        before = all_rows()
        assert load() == "Already present, not changed: PSF of 2019.\n"
        assert all_rows() == before


@pytest.mark.unmeasured
@pytest.mark.django_db
def test_missing_countries_are_loaded():
    make_country("LV")
    load()
    assert Country.objects.count() == 249
    assert Country.objects.members_on(Call.objects.get().closes_at.date()).count() == 11


@pytest.mark.unmeasured
@pytest.mark.django_db
def test_public_project_without_lead_partner_stops_the_load(tmp_path):
    data = json.loads(SAMPLE.read_text(encoding="utf-8"))
    for row in data["calls"][0]["projects"][4]["partnerships"]:
        row.pop("role", None)
    file = tmp_path / "calls.json"
    file.write_text(json.dumps(data), encoding="utf-8")
    with pytest.raises(ValidationError, match="has no lead partner"):
        load_calls(file)
    assert not Call.objects.exists()
    assert not Partner.objects.exists()
