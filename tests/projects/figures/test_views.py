import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from projects.figures.country_sheet import load_sheet
from projects.models import Call, Project
from psf.text.dates import Precision, describe
from tests.support.cases import HOSTILE_TEXTS
from tests.support.factories import (
    make_call,
    make_country,
    make_decision,
    make_membership,
    make_partner,
    make_partnership,
    make_priority,
    make_project,
    make_public_project,
    make_topic,
)
from tests.support.hidden_records import (
    assert_no_secret_in,
    hide_canaries,
    number_of_queries,
    words,
)

pytestmark = pytest.mark.django_db

FIGURES = "/figures/"
COOPERATION = "/figures/cooperation/"
MAP = "/figures/map/"
NETWORK = "/figures/network/"
COMPARE = "/compare/"
CODES = ["LV", "FI", "NO", *(f"{first}{last}" for first in "ABC" for last in "QRSTUVWXYZ")]
OVERVIEW_FILES = ["calls", "years", "priorities", "countries", "kinds"]
FILES = [
    *(f"/figures/{name}.csv" for name in OVERVIEW_FILES),
    *(f"/figures/cooperation/{name}.csv" for name in ["pairs", "gaps", "organisations"]),
    "/figures/map.csv",
]


def text_of(client, address):
    response = client.get(address)
    assert response.status_code == 200, address
    return b"".join(response.streaming_content).decode("utf-8-sig")


@pytest.fixture
def example():
    """A project led from Latvia with a partner from Finland, in a decided call."""
    call = make_call(received_count=43, eligible_count=20, funded_count=5, slug="call-one")
    make_decision(call)
    project = make_public_project(call=call, amount_eur=65000, amount_kind="ceiling", slug="one")
    project.priorities.add(make_priority("Safe"))
    make_partnership(project, make_partner("Turku", country="FI", kind="university", slug="turku"))
    return project


def addresses(project):
    partner = project.partnerships.exclude(partner=None).first().partner
    other = make_public_project()
    return [
        FIGURES,
        COOPERATION,
        MAP,
        f"{MAP}?call={project.call.slug}&country=fi&sort=-places.led",
        f"{NETWORK}?partner={partner.slug}&sort=network.shared",
        f"{NETWORK}?project={project.slug}",
        COMPARE,
        f"{COMPARE}?project={project.slug}",
        f"{COMPARE}?project={project.slug}&project={other.slug}",
        f"{COMPARE}?country=lv&country=fi",
        f"{COMPARE}?call={project.call.slug}&call={other.call.slug}",
        "/countries/lv/sheet/",
    ]


def test_pages_allow_reading_only(client, example):
    for address in addresses(example):
        first = client.get(address)
        assert first.status_code == 200, address
        assert not first.cookies
        assert "Cookie" not in first.headers.get("Vary", "")
        assert client.head(address).status_code == 200
        assert client.post(address).status_code == 405
        again = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
        assert again.status_code == 304, address


def test_empty_pages_say_that_nothing_is_published(client):
    for address in [FIGURES, COOPERATION, MAP, COMPARE]:
        assert client.get(address).status_code == 200
    for address in [FIGURES, f"{MAP}?q=nosuch"]:
        assert "No entries." in words(client.get(address))
    assert "No member state is recorded." in words(client.get(COOPERATION))
    for address in FILES:
        assert text_of(client, address).count("\r\n") == 1


def test_cooperation_without_projects_lists_no_pairs(client):
    make_membership("LV")
    make_membership("EE")

    page = words(client.get(COOPERATION))

    assert "No two countries share a project in these records." in page
    assert "no project in these records with" not in page
    assert "Shared projects of current and former members" not in page


def test_pages_and_files_show_nothing_hidden(client, example):
    hide_canaries()
    for address in addresses(example):
        assert_no_secret_in(client.get(address))
    files = [*FILES, "/figures/network.csv?project=one", "/countries/lv/sheet.csv"]
    for address in files:
        text = text_of(client, address)
        assert "CANARY" not in text, address
        assert "777" not in text, address
        assert "54321" not in text, address
    for page in [example.get_absolute_url(), example.lead().partner.get_absolute_url()]:
        assert_no_secret_in(client.get(page))


@pytest.mark.unmeasured
def test_number_of_queries_does_not_grow_with_rows(client, example):
    hide_canaries()
    pages = [
        *addresses(example),
        example.get_absolute_url(),
        example.lead().partner.get_absolute_url(),
    ]
    topic = make_topic()
    example.topics.add(topic)
    costs = []
    for rows in [1, 3, 30]:
        while Project.objects.public().count() < rows + 2:
            number = Project.objects.public().count()
            project = make_public_project(lead=example.lead().partner, call=make_call())
            make_partnership(project, make_partner(country=CODES[number % 30]))
            make_partnership(example, make_partner(country=CODES[number % 30]))
            make_membership(CODES[number % 30], valid_from=date(1950 + number, 1, 1))
            project.priorities.add(make_priority())
            project.topics.add(topic)
        costs.append([number_of_queries(client, address) for address in pages])
    assert costs[0] == costs[1] == costs[2], dict(zip(pages, zip(*costs, strict=True), strict=True))
    # In a transaction nothing is cached: a page reads the calls, and the sets of projects twice.
    assert max(costs[0]) <= 19, dict(zip(pages, costs[0], strict=True))


def test_comparing_four_projects_needs_as_many_queries_as_two(client, example):
    chosen = f"{COMPARE}?project={example.slug}&project={make_public_project().slug}"
    two = number_of_queries(client, chosen)
    more = "".join(f"&project={make_public_project().slug}" for _ in range(2))
    assert number_of_queries(client, chosen + more) == two <= 8


@pytest.mark.parametrize("text", HOSTILE_TEXTS.values(), ids=HOSTILE_TEXTS)
def test_hostile_parameters_raise_no_error(client, example, text):
    for page in [FIGURES, COOPERATION, MAP, NETWORK, COMPARE]:
        for name in ["sort", "partner", "project", "country", "call", "q"]:
            response = client.get(page, {name: text[:300].encode("utf-8", "replace")})
            assert response.status_code in {200, 302, 400, 404, 414}, (page, name)


def test_figures_show_known_and_unpublished_numbers(client, example):
    make_call(title="Silent call")
    page = words(client.get(FIGURES))
    for text in [
        "43 received",
        "20 eligible",
        "5 funded",
        '<td class="num">12</td>',  # per cent of those received
        '<td class="num">25</td>',  # per cent of those eligible
        "Silent call",
        '<span class="unknown">not published</span>',
        "at most 65 000 EUR",
        "never numbers by country, kind or topic",
        "Led",
    ]:
        assert text in page, text


def test_numbers_of_a_call_without_result_are_not_yet_published(client):
    make_call(slug="open", closes_at=timezone.now() + timedelta(days=10))
    make_call(slug="old", published_at=timezone.now())
    expected = {FIGURES: 4, f"{COMPARE}?call=open&call=old": 3}
    for address, number in expected.items():
        page = words(client.get(address))
        assert page.count('<span class="unknown">not yet published</span>') == number, address
        assert '<span class="unknown">not published</span>' in page, address


def test_rate_needs_both_numbers(client):
    make_decision(make_call(title="A", received_count=0, funded_count=0))
    make_decision(make_call(title="B", eligible_count=8, funded_count=4))
    make_call(title="C", eligible_count=8, funded_count=7)
    make_decision(make_call(title="D", received_count=40, eligible_count=8, funded_count=5))
    rows = text_of(client, "/figures/calls.csv").splitlines()
    assert sorted(rows[1:]) == [
        '"A","0","","0","","","0"',
        '"B","","8","4","","50","0"',
        '"C","","","","","","0"',
        '"D","40","8","5","13","63","0"',  # 12.5 and 62.5
    ]


def test_unsuccessful_applications_count_only_in_announced_totals(client, example):
    before = [text_of(client, address) for address in FILES]
    for status in ["submitted", "rejected", "not_eligible"]:
        loser = make_partner(country="FI")
        project = make_public_project(lead=loser, published_at=None, call=example.call)
        Project.objects.filter(pk=project.pk).update(status=status)
    assert [text_of(client, address) for address in FILES] == before


def test_each_kind_of_amount_has_its_own_column(client):
    call = make_call()
    for kind, amount in [("ceiling", 100), ("awarded", 70), ("final", 50), ("returned", 5)]:
        make_public_project(call=call, amount_kind=kind, amount_eur=Decimal(amount))
    make_public_project(call=call)
    head, row = text_of(client, "/figures/years.csv").splitlines()
    assert row == '"2019","","5","100.00","70.00","50.00","5.00","1","1"'
    assert head.startswith('"Year","Funded, as announced","Projects","Highest possible')
    page = words(client.get(FIGURES))
    for text in ["at most 100 EUR", "70 EUR awarded", "50 EUR paid in the end", "5 EUR returned"]:
        assert text in page, text


def test_year_shows_only_its_own_kinds_of_amount(client):
    for year, kind in [(2018, "ceiling"), (2020, "awarded")]:
        call = make_call(opens_at=None, closes_at=datetime(year, 3, 1, 12, tzinfo=UTC))
        make_public_project(call=call, amount_kind=kind, amount_eur=Decimal(year))
    picture = client.get(FIGURES).context["money"]
    texts = {group.label: [bar.text for bar in group.bars] for group in picture.groups}
    assert texts == {
        "2019": ["no project in these records"],
        "2018 (1 of 1 amounts published)": ["at most 2\xa0018\xa0EUR"],
        "2020 (1 of 1 amounts published)": ["2\xa0020\xa0EUR awarded"],
    }
    lines = text_of(client, "/figures/years.csv").splitlines()[1:]
    assert lines == ['"2020","","1","","2020.00","0","1"', '"2018","","1","2018.00","","0","1"']


def test_years_without_a_call_are_gaps_on_the_time_axis(client):
    for year, announced, projects in [
        (2016, 23, 2),
        (2018, None, 1),
        (2018, 7, 0),
        (2019, None, 0),
    ]:
        call = make_call(
            opens_at=None, closes_at=datetime(year, 3, 1, 12, tzinfo=UTC), funded_count=announced
        )
        make_decision(call)
        for _project in range(projects):
            make_public_project(call=call)
    make_call(opens_at=None, closes_at=None)
    picture = client.get(FIGURES).context["years"]
    assert {group.label: [bar.text for bar in group.bars] for group in picture.groups} == {
        "2019": ["announced: not published", "0 in these records"],
        "2018": ["7 (1 of 2 calls) announced", "1 in these records"],
        "2017": ["no call in these records"],
        "2016": ["23 announced", "2 in these records"],
        "not known": ["announced: not yet published", "0 in these records"],
    }
    lines = text_of(client, "/figures/years.csv").splitlines()[1:]
    assert lines == [
        '"2019","","0","0","1"',
        '"2018","7","1","1","1"',
        '"2016","23","2","2","0"',
        '"","","0","0","1"',
    ]


def test_funded_is_the_solid_bar_beside_the_recorded_projects(client, example):
    (group,) = client.get(FIGURES).context["funnel"].groups
    assert {bar.text: bar.look for bar in group.bars} == {
        "43 received": 2,
        "20 eligible": 1,
        "5 funded": 0,
        "1 in these records": 3,
    }


def test_an_announced_call_without_projects_here_has_a_bar_of_zero(client):
    make_decision(make_call(title="PSF 2031", funded_count=4))
    (group,) = client.get(FIGURES).context["funnel"].groups
    assert [bar.text for bar in group.bars] == [
        "received: not published",
        "eligible: not published",
        "4 funded",
        "0 in these records",
    ]
    assert '"PSF 2031","","","4","","","0"' in text_of(client, "/figures/calls.csv")


def test_a_row_by_country_counts_led_projects_alone(client, example):
    make_public_project(lead=make_partner(country="LV"))
    joined = make_public_project(lead=make_partner(country="SE"))
    make_partnership(joined, make_partner(country="LV"))
    make_partnership(joined, country="EE")
    context = client.get(FIGURES).context
    table = context["tables"]["countries"]
    assert [column.label for column in table.columns[1:]] == [
        "Projects",
        "Led",
        "Highest possible, EUR",
        "Led, without a published amount",
    ]
    rows = {row[0].value: [cell.words for cell in row[1:]] for row in table.rows}
    assert rows["Latvia"] == ["3", "2", "65\xa0000", "1 of 2"]
    assert rows["Estonia"] == ["1", "0", "–", "–"]
    bars = {group.label: group.bars for group in context["countries"].groups}
    assert [bar.text for bar in bars["Latvia"]] == ["3 in these records", "2 led"]
    [recorded, led] = bars["Estonia"]
    assert (recorded.text, led.text) == ("1 in these records", "0 led")
    assert recorded.width * 3 == pytest.approx(bars["Latvia"][0].width, rel=0.01)
    assert led.width == 0


def test_a_priority_links_to_its_projects_without_a_count_of_lead_partners(client):
    make_public_project().priorities.add(make_priority("Safe harbours"))
    table = client.get(FIGURES).context["tables"]["priorities"]
    assert [(column.label, column.numeric) for column in table.columns] == [
        ("Priority", False),
        ("Projects", True),
        ("Projects without a published amount", True),
    ]
    [(first, *numbers)] = table.rows
    assert first.value == "Safe harbours"
    assert re.fullmatch(r"/projects/\?priority=priority-[0-9]+", first.url)
    assert [cell.words for cell in numbers] == ["1", "1 of 1"]


def test_projects_without_a_value_have_their_own_row(client):
    project = make_public_project(call=make_call(opens_at=None, closes_at=None))
    make_partnership(project, country="EE")
    assert '"","","1","1","1"' in text_of(client, "/figures/years.csv")
    response = client.get(FIGURES)
    (group,) = response.context["money"].groups
    assert group.label == "not known (0 of 1 amounts published)"
    assert [bar.text for bar in group.bars] == ["amount not published"]
    page = words(response)
    assert "only the country is known" in page
    assert "not known" in page


def test_address_sorts_a_table(client):
    for code, number in [("LV", 1), ("FI", 3), ("SE", 2)]:
        for _project in range(number):
            make_public_project(lead=make_partner(country=code))

    def order(query):
        table = client.get(f"{FIGURES}?sort={query}").context["tables"]["countries"]
        return [row[0].value for row in table.rows]

    assert order("countries.projects") == ["Latvia", "Sweden", "Finland"]
    assert order("-countries.country") == ["Sweden", "Latvia", "Finland"]
    assert client.get(f"{FIGURES}?sort=countries.nosuch").status_code == 400


def test_database_sorts_returning_organisations(client):
    busy, old = make_partner("Ärla", slug="arla"), make_partner("Åbo", country="FI", slug="abo")
    for year in [2018, 2020, 2022]:
        call = make_call(opens_at=None, closes_at=datetime(year, 3, 1, 12, tzinfo=UTC))
        make_public_project(lead=busy, call=call)
    for _project in range(2):
        make_public_project(lead=old, call=make_call(opens_at=None, closes_at=None))

    def order(query):
        table = client.get(f"{COOPERATION}?sort={query}").context["tables"]["organisations"]
        return [row[0].value for row in table.rows]

    assert order("") == ["Ärla", "Åbo"]
    rows = client.get(COOPERATION).context["tables"]["organisations"].rows
    assert [row[0].url for row in rows] == ["/partners/arla/", "/partners/abo/"]
    assert order("organisations.projects") == ["Åbo", "Ärla"]
    assert order("organisations.organisation") == ["Åbo", "Ärla"]
    assert order("-organisations.country") == ["Ärla", "Åbo"]
    assert order("organisations.first") == order("-organisations.first") == ["Ärla", "Åbo"]
    assert client.get(f"{COOPERATION}?sort=organisations.nosuch").status_code == 400
    lines = text_of(client, "/figures/cooperation/organisations.csv").splitlines()
    assert lines[1:] == [
        '"Ärla","Latvia","3","3","3","2018","2022"',
        '"Åbo","Finland","2","2","2","",""',
    ]


def test_years_of_organisations_are_those_of_the_zones_of_their_calls(client):
    """The calls closed at the same moment, before and after midnight of the new year."""
    moment = datetime(2019, 12, 31, 23, 30, tzinfo=UTC)
    for name, zones in [
        ("East", ["Europe/Helsinki", "Europe/Helsinki"]),
        ("Both", ["Europe/Helsinki", "Europe/London"]),
        ("West", ["Europe/London", "Europe/London"]),
    ]:
        partner = make_partner(name)
        for zone in zones:
            call = make_call(opens_at=None, closes_at=moment, time_zone=zone)
            make_public_project(lead=partner, call=call)
    rows = client.get(f"{COOPERATION}?sort=-organisations.first").context["tables"]
    years = [[row[0].value, row[5].value, row[6].value] for row in rows["organisations"].rows]
    assert years == [["East", 2020, 2020], ["Both", 2019, 2020], ["West", 2019, 2019]]
    data = client.get("/figures/cooperation/organisations.json").json()["rows"]
    assert [[*row.values()][5:] for row in data] == [[2019, 2020], [2020, 2020], [2019, 2019]]


def test_equal_organisations_are_in_the_order_of_their_names(client):
    for partner in [make_partner("Zulu"), make_partner("Alfa")]:
        for _project in range(2):
            make_public_project(lead=partner)
    for query in ["", "?sort=organisations.projects", "?sort=-organisations.led"]:
        table = client.get(f"{COOPERATION}{query}").context["tables"]["organisations"]
        assert [row[0].value for row in table.rows] == ["Alfa", "Zulu"]


def test_cooperation_shows_pairs_gaps_and_former_members(client, example):
    for code in ["LV", "FI", "SE"]:
        make_membership(code)
    make_membership("RU", valid_to=date(2022, 5, 16))
    page = words(client.get(COOPERATION))
    assert "Russia, member until 16 May 2022" in page
    assert "no project in these records with Finland, Latvia and Sweden" in page
    assert "no project in these records with Sweden" in page
    assert "LV" in page and 'role="img"' in page
    gaps = text_of(client, "/figures/cooperation/gaps.csv")
    assert "No shared project in these records with" in gaps.splitlines()[0]
    assert '"Russia","Sweden","2022-05-16"' in gaps
    assert '"Finland","Latvia","1"' in text_of(client, "/figures/cooperation/pairs.csv")


def test_page_says_that_no_pair_of_members_is_missing(client, example):
    make_membership("LV")
    make_membership("FI")
    assert "All pairs of current member states have shared a project." in words(
        client.get(COOPERATION)
    )


@pytest.mark.parametrize(
    "address",
    [
        "/figures/nosuch.csv",
        "/figures/cooperation/nosuch.csv",
        f"{NETWORK}?partner=nosuch",
        f"{NETWORK}?project=nosuch",
        "/countries/zz/sheet/",
        "/countries/zz/sheet.csv",
    ],
)
def test_unknown_addresses_are_not_found(client, address):
    assert client.get(address).status_code == 404


def test_network_without_a_record_leads_to_the_page_of_cooperation(client):
    assert client.get(NETWORK).headers["Location"] == "/figures/cooperation/"


def test_hidden_records_have_no_network_and_no_sheet(client):
    hide_canaries()
    hidden = Project.objects.filter(title__contains="CANARY").first()
    partner = hidden.partnerships.last().partner
    for address in [f"{NETWORK}?project={hidden.slug}", f"{NETWORK}?partner={partner.slug}"]:
        assert client.get(address).status_code == 404
    assert client.get("/countries/is/sheet/").status_code == 404


def test_map_counts_the_projects_of_the_list(client, example):
    elsewhere = make_public_project(lead=make_partner(country="SE"))
    assert map_of(client, "") == {"Latvia": (1, 1), "Finland": (1, 0), "Sweden": (1, 1)}
    assert map_of(client, f"?call={elsewhere.call.slug}") == {"Sweden": (1, 1)}
    assert map_of(client, "?lead=lv&country=fi") == {"Latvia": (1, 1), "Finland": (1, 0)}
    page = words(client.get(f"{MAP}?country=fi"))
    assert "/projects/?country=fi" in page
    assert "/figures/map.csv?country=fi" in page
    assert "?country=fi&amp;sort=-places.led#places" in page
    assert '"Finland","1","0"' in text_of(client, "/figures/map.csv?country=fi")


def map_of(client, query):
    table = client.get(f"{MAP}{query}").context["tables"]["places"]
    return {row[0].value: (row[1].value, row[2].value) for row in table.rows}


def test_unknown_filter_of_the_map_is_an_error(client, example):
    response = client.get(f"{MAP}?country=atlantis")
    assert response.status_code == 400
    assert "Nothing was counted" in words(response)
    refusal = client.get("/figures/map.csv?country=atlantis")
    assert refusal.status_code == 400
    assert "The filter “country” is wrong: “atlantis” is not in this list." in refusal.text


def test_lists_link_to_the_map_with_the_same_filter(client, example):
    assert 'href="/figures/map/?country=fi"' in words(client.get("/projects/?country=fi&x=1"))
    assert 'href="/figures/map/"' in words(client.get("/projects/"))
    assert f'href="/figures/map/?call={example.call.slug}"' in words(
        client.get(example.call.get_absolute_url())
    )


def test_country_sheet_shows_membership_projects_and_amounts(client, example):
    make_membership("LV")
    page = words(client.get("/countries/lv/sheet/"))
    assert "In the CBSS today: member, from 1 January 1992." in page
    today = describe(timezone.localdate(), Precision.DAY)
    assert f"Country sheet for the Committee of Senior Officials, {today}" in page
    assert "at most 65 000 EUR" in page  # of the year
    assert "Amounts of the projects led: at most 65 000 EUR" in page
    assert "up to 65 000 EUR" in page  # of the project
    assert "For 1 call 5 were announced; this site has 1." in page
    assert "Turku" not in page
    finland = words(client.get("/countries/fi/sheet/"))
    assert "Turku" in finland
    assert "Amounts of the projects led:" not in finland
    assert "No status in the CBSS today." in finland
    assert "–" in finland
    assert "?sort=" not in page
    assert '"2019","1","0","1",""' in text_of(client, "/countries/fi/sheet.csv")


def test_country_sheet_counts_each_organisation_once(client):
    """In both years, in the second year only, without a name, and in a hidden project."""
    first = make_public_project(lead=make_partner("Riga"))
    later = make_call(closes_at=datetime(2021, 3, 31, tzinfo=UTC))
    second = make_public_project(call=later, lead=first.lead().partner)
    make_partnership(second, make_partner("Daugavpils"))
    make_partnership(first, country="LV")
    make_partnership(make_project(), make_partner("Liepaja"))
    sheet = load_sheet(first.lead().country)

    assert [(line.key, line.organisations) for line in sheet.lines] == [(2021, 2), (2019, 1)]
    assert sheet.organisations == 2


def test_country_sheet_shows_six_newest_projects(client):
    partner = make_partner()
    for _project in range(10):
        make_public_project(lead=partner)
    response = client.get("/countries/lv/sheet/")
    assert len(response.context["projects"]) == 6
    assert "4 more projects with a partner from Latvia" in words(response)


def test_country_sheet_without_projects_says_so(client):
    make_membership("IS")
    page = words(client.get("/countries/is/sheet/"))
    assert "No project with a partner from this country is in these records." in page


def test_network_shows_shared_projects(client, example):
    lead, turku = example.lead().partner, example.partnerships.last().partner
    again = make_public_project(lead=turku)
    make_partnership(again, lead)
    make_partnership(again, make_partner("Third", country="SE"))
    make_partnership(again, country="EE")
    page = words(client.get(f"{NETWORK}?partner={lead.slug}"))
    assert "Partners of" in page
    for text in [page, words(client.get(lead.get_absolute_url()))]:
        assert "Partners that are not named are left out." in text
    assert text_of(client, f"/figures/network.csv?partner={lead.slug}").splitlines()[1:] == [
        '"Turku","Finland","2"',
        '"Third","Sweden","1"',
    ]
    lines = text_of(client, f"/figures/network.csv?project={again.slug}").splitlines()[1:]
    assert f'"Turku","{lead.name}","2"' in lines
    assert len(lines) == 3
    assert "Works with" in words(client.get(lead.get_absolute_url()))


def test_organisation_without_neighbours_says_so(client):
    project = make_public_project()
    page = words(client.get(project.lead().partner.get_absolute_url()))
    assert "No other organisation is named in the projects of this organisation" in page


def test_organisation_with_many_neighbours_links_to_all(client):
    project = make_public_project()
    for _partner in range(11):
        make_partnership(project, make_partner())
    page = words(client.get(project.lead().partner.get_absolute_url()))
    assert "All organisations as a table, to sort and download" in page


def compared(client, query):
    response = client.get(f"{COMPARE}?{query}")
    assert response.status_code == 200
    comparison = response.context["comparison"]
    heads = [head.value for head in comparison.heads]
    return heads, {label: [cell.words for cell in cells] for label, cells in comparison.lines}


def test_projects_are_compared(client, example):
    other = make_public_project(
        slug="other", title="Other", total_budget_eur=Decimal("1000"), summary="Short."
    )
    make_partnership(other, example.partnerships.last().partner)
    lonely = make_public_project(slug="lonely", title="Lonely", lead=make_partner(country="SE"))
    lonely.partnerships.update(partner=None)
    heads, lines = compared(client, "project=other&project=one&project=nosuch")
    assert heads == ["Other", example.title]
    assert lines["Grant"] == ["", "up to 65 000 EUR".replace(" 000 ", "\xa0000\xa0")]
    assert lines["Total budget"] == ["1\xa0000\xa0EUR", ""]
    assert lines["Countries in common"] == ["Finland and Latvia"] * 2
    assert lines["Organisations in common"] == ["Turku"] * 2
    assert lines["Partners"] == ["2", "2"]
    assert lines["Period"] == ["not known", "not known"]
    heads, lines = compared(client, "project=lonely&project=one")
    assert lines["Lead partner"][0] == "not named (Sweden)"
    assert lines["Countries in common"] == ["none in these records"] * 2


def test_project_without_lead_partner_can_be_compared(client, example):
    other = make_public_project(slug="other")
    other.partnerships.all().delete()
    _heads, lines = compared(client, "project=other&project=one")
    assert lines["Lead partner"][0] == "not recorded"


def test_countries_are_compared(client, example):
    make_membership("LV")
    heads, lines = compared(client, "country=lv&country=fi")
    assert heads == ["Latvia", "Finland"]
    assert lines["In the CBSS today"] == ["Member", "No status"]
    assert lines["Projects shared with Finland"] == ["1", "–"]
    assert lines["Led"] == ["1", "0"]
    assert lines["Amounts of the projects led"][1] == "–"


def test_compared_numbers_are_written_like_all_numbers(client, example):
    lines = dict(client.get(f"{COMPARE}?country=lv").context["comparison"].lines)
    assert (lines["Projects"][0].value, lines["Led"][0].value) == (1, 1)  # a text has no groups


def test_calls_are_compared(client, example):
    make_call(slug="silent", title="Silent", ceiling_eur=50000, opens_at=None, min_member_states=0)
    heads, lines = compared(client, "call=call-one&call=silent")
    assert heads == [example.call.title, "Silent"]
    assert lines["Applications received"] == ["43", ""]
    assert lines["Projects on this site"] == ["1", "0"]
    assert [lines["Opens"][1], lines["Budget of the call"][1]] == ["not known", "not known"]
    assert lines["Highest grant for one project"] == ["not known", "50\xa0000\xa0EUR"]
    assert lines["Member states needed"] == ["not known", "0"]
    assert lines["Amounts of the projects on this site"][1] == "–"


def test_comparison_asks_for_two_to_four_records(client, example):
    assert "Nothing is selected yet" in words(client.get(COMPARE))
    make_public_project()
    page = words(client.get(f"{COMPARE}?project=one&project=one"))
    assert "One record is selected. Select at least one more." in page
    calls = [make_call(slug=f"call-{letter}") for letter in "abcde"]
    query = "&".join(f"call={call.slug}" for call in calls)
    response = client.get(f"{COMPARE}?{query}")
    assert len(response.context["comparison"].heads) == 4
    assert "Only the first four" in words(response)
    assert "Nothing is selected yet" in words(client.get(f"{COMPARE}?project=nosuch"))


def test_comparison_offers_records_of_its_kind_and_keeps_the_selection(client, example):
    page = client.get(f"{COMPARE}?country=lv").content.decode()
    assert re.search(r'name="country" value="lv"[^>]* checked', page)
    assert re.search(r'name="country" value="fi"(?![^>]* checked)', page)
    assert 'name="call"' not in page
    assert 'name="call"' not in client.get(COMPARE).text
    make_call()
    assert 'name="call" value="call-one"' in client.get(COMPARE).text


def test_what_is_alone_is_not_offered_for_a_comparison(client, example):
    page = words(client.get(f"{COMPARE}?call=call-one"))
    assert "There is nothing to compare yet: fewer than two such records are public." in page
    assert "Select" not in page
    assert "list of projects" not in words(client.get(COMPARE))
    assert "/compare/?call=" not in words(client.get(example.call.get_absolute_url()))


def test_hidden_records_cannot_be_compared(client, example):
    hide_canaries()
    for kind, model in [("project", Project), ("call", Call)]:
        slugs = model.objects.values_list("slug", flat=True)
        for slug in slugs:
            assert_no_secret_in(client.get(f"{COMPARE}?{kind}={slug}"))
    make_country("IS")
    assert client.get(f"{COMPARE}?country=is").context["comparison"].heads == []


def test_lists_and_pages_link_to_the_comparison(client, example):
    for view in ["projects:project-list", "projects:call-list"]:
        assert "Compare" not in words(client.get(reverse(view))).split("<footer")[0]  # one record
    make_public_project()
    page = words(client.get(reverse("projects:project-list")))
    assert 'name="project" value="one" form="compare-project"' in page
    assert '<form id="compare-project" action="/compare/">' in page
    calls = words(client.get(reverse("projects:call-list")))
    assert f'name="call" value="{example.call.slug}" form="compare-call"' in calls
    assert '<form id="compare-call" action="/compare/">' in calls
    for record, query in [(example, "project=one"), (example.call, f"call={example.call.slug}")]:
        assert f"/compare/?{query}" in words(client.get(record.get_absolute_url()))
    assert "/compare/?country=fi" in words(client.get("/countries/fi/"))
    assert "/countries/fi/sheet/" in words(client.get("/countries/fi/"))
