import json
import re
from datetime import UTC, datetime
from decimal import Decimal
from io import StringIO
from itertools import chain
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import TestCase
from django.utils import timezone

from partners.country_data import DATA
from partners.models import Country, Partner
from projects.figures.country_sheet import sheet_context
from projects.models import Call, Partnership, Phase, Project
from projects.publication.publish import publication_blockers
from projects.sample_data.loader import HISTORY, SAMPLE
from tests.projects.sample_data.test_load_sample import all_rows
from tests.support.factories import make_call, make_project
from tests.support.hidden_records import words

YEARS = ["2013-2016", "2017", "2018", "2020", "2021", "2022", "2023", "2024", "2025"]


def load(name="load_history"):
    output = StringIO()
    call_command(name, stdout=output)
    return output.getvalue()


def contents():
    """The loaded facts without primary keys, independent of the order of loading."""
    names = Partner.objects.values_list("slug", "name", "kind", "country", "names__text")
    rows = Partnership.objects.values_list(
        "project__reference", "position", "role", "country", "partner__slug", "name_as_published"
    )
    return set(names), set(rows), set(Call.objects.values_list("slug", "title", "summary"))


class HistoryTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.started_at = timezone.now()
        cls.output = load()

    def call(self, year):
        return Call.objects.public().get(slug=f"psf-{year}")

    def project(self, reference):
        return Project.objects.public().get(reference=reference)

    def test_all_calls_except_2019_are_loaded(self):
        assert set(Call.objects.public().values_list("slug", flat=True)) == {
            f"psf-{year}" for year in YEARS
        }
        self.assertRegex(self.output, r"^Loaded PSF 2013–2016, .*PSF 2025\.\n$")

    def test_only_calls_with_a_known_result_are_decided(self):
        bodies = {"2013-2016": "", "2018": "", "2021": "Committee of Senior Officials"}
        for year in YEARS:
            call = self.call(year)
            with self.subTest(year=year):
                if year in bodies:
                    assert call.phase() == Phase.DECIDED
                    assert call.decision.body == bodies[year]
                    assert call.decision.mode == "unknown"
                    assert call.decision.decided_on is None
                else:
                    assert call.phase() == Phase.CLOSED
                    assert call.recorded_decision() is None

    def test_call_without_a_known_result_says_so_and_has_no_announcement(self):
        page = self.client.get("/calls/psf-2017/").content.decode()
        assert "Closed, full result not published" in page
        assert "The result was not published here." in page
        assert "announcement/" not in page
        assert self.client.get("/calls/psf-2017/announcement/").status_code == 404
        for year, known in {"2020": "3", "2022": "2", "2023": "2"}.items():
            page = words(self.client.get(f"/calls/psf-{year}/"))
            sentence = f"{known} funded projects are known. The full result was not published."
            assert sentence in page and "The result was not" not in page

    def test_unpublished_figures_stay_unknown(self):
        published = {"2013-2016": (None, 23), "2018": (43, 7), "2021": (55, 8)}
        for year in YEARS:
            call = self.call(year)
            with self.subTest(year=year):
                assert (call.received_count, call.funded_count) == published.get(year, (None, None))
                assert call.eligible_count is None
                assert call.budget_eur is None

    def test_each_call_has_its_own_rules(self):
        first = self.call("2013-2016")
        assert (first.floor_eur, first.ceiling_eur) == (Decimal(10000), Decimal(50000))
        assert (first.min_cofunding_percent, first.min_member_states) == (10, None)
        for year in YEARS[1:]:
            call = self.call(year)
            with self.subTest(year=year):
                assert (call.floor_eur, call.ceiling_eur) == (None, Decimal(65000))
                assert (call.min_cofunding_percent, call.min_member_states) == (None, 3)

    def test_opening_and_closing_have_the_known_precision(self):
        windows = {year: (self.call(year).opens(), self.call(year).closes()) for year in YEARS}
        assert windows["2013-2016"] == ("March 2013", "2016")
        assert windows["2017"] == ("15 February 2017", "15 April 2017")
        assert windows["2018"] == ("", "31 March 2018")
        assert windows["2023"] == ("15 February 2023", "31 March 2023, 23:59 CEST")
        assert self.call("2025").closes_at == datetime(2025, 3, 31, 21, 59, tzinfo=UTC)

    def test_no_amount_is_invented(self):
        assert {one.kind for one in Project.objects.money()} == {"not_published"}

    def test_completed_status_needs_a_source(self):
        completed = Project.objects.filter(status="completed")
        assert [one.reference for one in completed.order_by("reference")] == [
            "PSF-2020-C",
            "PSF-2023-B",
        ]
        assert Project.objects.exclude(pk__in=completed).exclude(status="funded").count() == 0

    def test_every_fact_has_a_source(self):
        for call in Call.objects.all():
            with self.subTest(call=call):
                assert call.sources.filter(about="period").exists()
                assert call.sources.filter(about="rules").exists()
                if call.funded_count:
                    assert call.sources.filter(about="figures").exists()
        for project in Project.objects.all():
            with self.subTest(project=project):
                assert project.sources.filter(about="announcement").exists()
                if project.period():
                    assert project.sources.filter(about="period").exists()

    def test_no_country_leads_the_project_of_the_cbss(self):
        project = self.project("PSF-2013-2016-A")
        page = words(self.client.get(project.get_absolute_url()))
        assert "led by the secretariat of the CBSS, which counts for no country" in page
        load("load_sample")  # a third project that Sweden leads
        sweden = Country.objects.for_list().get(code="SE")
        assert sweden.number_led == sheet_context(sweden)["portrait"].led == 3
        led_from_sweden = words(self.client.get("/projects/?lead=se"))
        assert project.title not in led_from_sweden
        row = words(self.client.get("/projects/?call=psf-2013-2016"))
        assert "secretariat of the CBSS (lead), Sweden, Germany" in row

    def test_project_without_known_lead_is_not_public(self):
        hidden = Project.objects.exclude(pk__in=Project.objects.public()).get()
        assert hidden.title == "Consulting Citizens for Municipal Green Policies"
        assert hidden.published_at is None
        assert publication_blockers(hidden, datetime.now(UTC))
        assert "lead partner is not known" in hidden.internal_note

    def test_second_run_changes_nothing(self):
        before = all_rows()
        self.assertRegex(load(), r"^Already present, not changed: PSF 2013–2016, .*PSF 2025\.\n$")
        assert all_rows() == before

    @pytest.mark.unmeasured
    def test_order_of_the_commands_does_not_matter_and_edits_stay(self):
        load("load_sample")
        history_first = contents()
        assert Partner.objects.get(slug="stellit").partnerships.count() == 3
        for model in [Project, Call, Partner]:
            model.objects.all().delete()
        load("load_sample")
        ministry = Partner.objects.filter(slug="ministry-of-the-interior-of-the-republic-of-latvia")
        name = ministry.get().name
        ministry.update(name="Ministry of the Interior of Latvia")
        call = Call.objects.filter(slug="psf-2019")
        projects = Project.objects.filter(call__slug="psf-2019").order_by("pk")
        before = list(call.values()), list(projects.values())
        load()
        assert (list(call.values()), list(projects.values())) == before
        assert ministry.get().name == "Ministry of the Interior of Latvia"
        assert ministry.get().names.filter(text="Ministry of Interior").exists()
        ministry.update(name=name)
        assert contents() == history_first

    def test_existing_call_is_not_changed(self):
        Project.objects.filter(call__slug="psf-2018").delete()
        Call.objects.filter(slug="psf-2018").delete()
        Call.objects.filter(slug="psf-2021").update(title="PSF of 2021")
        output = load()
        self.assertRegex(output, r"^Loaded PSF 2018\. Already .*PSF of 2021")
        assert Call.objects.get(slug="psf-2021").title == "PSF of 2021"


@pytest.mark.django_db
def test_nothing_is_loaded_if_a_reference_is_taken():
    make_project(make_call(slug="of-staff"), reference="PSF-2013-2016-B")
    before = all_rows()
    with pytest.raises(
        CommandError,
        match=r"^Nothing was loaded\. project “The Future of .*Another project has this reference",
    ):
        load()
    assert all_rows() == before


def contents_of(*files):
    return [json.loads(file.read_text(encoding="utf-8")) for file in files]


def test_prose_of_calls_has_no_number_of_records():
    """A number of applications or projects becomes false with the next record."""
    numbers = r"\d+|two|three|four|five|six|seven|eight|nine|ten|twelve"
    counted = r"(applications|projects|of (them|the \w+)|(were|are) (funded|in))\b"
    for call in chain.from_iterable(one["calls"] for one in contents_of(SAMPLE, HISTORY)):
        prose = " ".join([call["fields"]["summary"], *call["paragraphs"]])
        assert not re.search(rf"\b({numbers}) {counted}", prose, re.I), prose
        assert "in these records" not in prose


def test_page_of_sources_agrees_with_the_files():
    page = " ".join(Path("docs/data-sources.md").read_text(encoding="utf-8").split())
    [history] = contents_of(HISTORY)
    decided = [call["fields"]["title"][4:] for call in history["calls"] if "decision" in call]
    assert f"the calls of {', '.join(decided[:-1])} and {decided[-1]} have a decision" in page
    memberships = json.loads((DATA / "memberships.json").read_text(encoding="utf-8"))
    unknown = sorted(
        row["country"]
        for row in memberships
        if row["status"] == "observer" and "valid_from" not in row
    )
    assert f"observers {', '.join(unknown[:-1])} and {unknown[-1]} the year is unknown" in page
    assert "from 2013 to 2016 a grant of 10 000 to 50 000 EUR" in page


def test_both_files_agree_on_each_organisation():
    sample, history = (
        {one["fields"]["slug"]: (one["country"], one["fields"]) for one in content["organisations"]}
        for content in contents_of(SAMPLE, HISTORY)
    )
    shared = set(sample) & set(history)
    assert shared == {"stellit", "ministry-of-the-interior-of-the-republic-of-latvia"}
    assert {slug: sample[slug] for slug in shared} == {slug: history[slug] for slug in shared}
