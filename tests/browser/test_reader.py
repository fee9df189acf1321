"""Readers use the site by keyboard alone and without JavaScript."""

import re
from datetime import timedelta
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.management import call_command
from django.utils.timezone import localdate, now
from playwright.sync_api import expect

from projects.models import Project
from psf.site.template_engine import day
from tests.browser.visits import tab_to, visit
from tests.support.factories import make_call, make_public_project

PAGES = ["/", "/calls/psf-2019/", "/projects/?country=lt", "/projects/psf-2019-03/", "/countries/"]


def test_from_home_to_a_project_a_partner_and_a_country_by_keyboard(reader):
    reader.goto("/")
    tab_to(reader, "Youth for Safer Youth")
    reader.keyboard.press("Enter")
    expect(reader).to_have_url("/projects/psf-2019-02/")
    expect(reader.get_by_role("heading", level=1)).to_have_text("Youth for Safer Youth")

    tab_to(reader, "Kaunas City Municipality")
    reader.keyboard.press("Enter")
    expect(reader.get_by_role("heading", level=1)).to_have_text("Kaunas City Municipality")

    tab_to(reader, "Lithuania")
    reader.keyboard.press("Enter")
    expect(reader).to_have_url("/countries/lt/")
    expect(reader.get_by_role("heading", level=1)).to_have_text("Lithuania")


# What strangers come for: where they begin, what they click, and what they then read.
TASKS = {
    "may a municipality in Liepāja apply": ("/apply/", [], [
        "Municipalities and regions", "up to 65 000 EUR", "in Stockholm", "in Tallinn, Helsinki",
        "At least three organisations", "The secretariat answers by e-mail.",
    ]),
    "the list as a spreadsheet": ("/projects/?country=lv", ["XLSX"], []),
    "who worked with Stellit": ("/?q=Stellit", ["Search", "Stellit"], ["Works with"]),
    "cite a project": ("/projects/psf-2019-03/", ["BibTeX"], []),
    "report a mistake": ("/projects/psf-2019-03/", ["Report a mistake in PSF-2019-03"], []),
    "what came of projects against trafficking": (
        "/", ["Results of projects", "Trafficking in human beings 1"], ["One guide is in use."],
    ),
    "the sheet on Latvia for the next meeting": (
        "/", ["LV 4: Latvia, 4 projects", "One-page summary"], ["Latvia took part in"],
    ),
}  # fmt: skip


def test_strangers_find_what_they_came_for_in_two_clicks(reader):
    make_call(
        closes_at=now() + timedelta(days=60),
        applicant_kinds="municipality ngo",
        ceiling_eur=65_000,
        min_member_states=3,
    )
    Project.objects.filter(slug="psf-2019-03").update(story="One guide is in use.")
    for start, clicks, answers in TASKS.values():
        address, _mark, searched = start.partition("?q=")
        reader.goto(address)
        if searched:
            reader.get_by_role("searchbox").fill(searched)
        assert len(clicks) <= 2
        for name in clicks:
            click(reader, name)
        for text in answers:
            expect(reader.locator("main").get_by_text(text).first).to_be_visible()


def click(page, name):
    """Follow a link, download its file, or find the mail that it opens; or press the button."""
    role = "button" if name == "Search" else "link"
    link = page.locator("main, footer").get_by_role(role, name=name, exact=True).first
    address = link.get_attribute("href") or ""
    if address.startswith("mailto:"):
        assert "Mistake%20in%20PSF-2019-03" in address
    elif address.endswith(".bib") or ".xlsx" in address:
        with page.expect_download():
            link.click()
    else:
        with page.expect_event("framenavigated"):
            link.click()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_browser_without_pairs_of_colours_shows_the_light_theme(browser, site, scheme):
    """Browsers of 2023 do not know light-dark()."""
    looks = [
        ("/countries/", ".map__land--4", "fill"),
        ("/countries/", ".map__svg", "background-color"),
        ("/figures/", ".squares .mark--led", "background-color"),
        ("/projects/", "#id_q", "border-top"),
        ("/projects/", "html", "color-scheme"),
    ]

    def shown(page):
        for address, selector, name in looks:
            page.goto(address)
            read = "(node, name) => getComputedStyle(node).getPropertyValue(name)"
            yield page.locator(selector).first.evaluate(read, name)

    with visit(browser, site, color_scheme=scheme) as page:
        page.route("**/tokens*.css", without_pairs)
        old = [*shown(page)]
    with visit(browser, site, color_scheme="light") as page:
        *colours, _scheme = shown(page)
    assert old == [*colours, "light"]
    assert "rgb(14, 66, 102)" in old and "1px solid rgb(107, 129, 142)" in old


def without_pairs(route):
    response = route.fetch()
    route.fulfill(response=response, body=response.text().replace("light-dark(", "unknown("))


def test_the_first_stop_skips_to_the_content(reader):
    reader.goto("/projects/psf-2019-02/")
    tab_to(reader, "Skip to the content", most=1)
    reader.keyboard.press("Enter")
    expect(reader.locator("main")).to_be_focused()
    reader.keyboard.press("Tab")
    expect(reader.locator("main a").first).to_be_focused()


def test_first_result_of_a_filtered_list_is_near(reader):
    reader.goto("/projects/?country=lv")
    first = reader.locator(".row__title a").first.inner_text()
    tab_to(reader, first, most=14)  # 15 while a call is open
    reader.goto("/projects/?country=lv")
    tab_to(reader, "Skip to the content", most=1)
    reader.keyboard.press("Enter")
    tab_to(reader, first, most=6)


@pytest.mark.parametrize("width", [1280, 360])
def test_a_list_is_filtered_by_keyboard(browser, site, width):
    with visit(browser, site, viewport={"width": width, "height": 800}) as page:
        page.goto("/projects/")
        if width == 360:
            tab_to(page, "Filter this list")
            page.keyboard.press("Enter")
        tab_to(page, "Lithuania\n2")
        page.keyboard.press("Enter")
        page.wait_for_url("**/projects/?*")
        assert parse_qs(urlsplit(page.url).query) == {"country": ["lt"]}
        expect(
            page.get_by_role("heading", name="Projects with partners from Lithuania (2)")
        ).to_be_visible()
        assert page.context.cookies() == []


def test_no_page_needs_javascript(browser, site, reader):
    with visit(browser, site, java_script_enabled=False) as plain:
        for address in PAGES:
            for page in [reader, plain]:
                page.goto(address)
            assert plain.locator("body").inner_text() == reader.locator("body").inner_text()
            assert reader.locator("script:not([type='application/ld+json'])").count() == 0


def test_hint_of_the_search_is_as_wide_as_the_search(browser, site):
    with visit(browser, site, viewport={"width": 360, "height": 800}) as page:
        page.goto("/")
        search = page.get_by_role("search")
        hint, button = search.locator(".field__hint").bounding_box(), search.get_by_role("button")
        assert hint["width"] == search.bounding_box()["width"]
        field = search.get_by_role("searchbox").bounding_box()
        assert button.bounding_box()["y"] == field["y"] > hint["y"]


def test_shade_tells_that_a_table_has_more_columns(browser, site):
    """At the right end of the caption, which has no text and does not scroll."""
    with visit(browser, site, viewport={"width": 320, "height": 800}) as page:
        page.goto("/compare/?project=psf-2019-01&project=psf-2019-03")
        region = page.get_by_role("region", name="Projects side by side")
        region.scroll_into_view_if_needed()
        box = region.bounding_box()
        edge = {"x": box["x"] + box["width"] - 8, "y": box["y"] + 2, "width": 8, "height": 8}
        shaded = page.screenshot(clip=edge)
        region.evaluate("region => region.scrollLeft = region.scrollWidth")
        assert page.screenshot(clip=edge) != shaded


def test_fields_keep_their_distance_beside_a_hidden_filter(reader):
    distances = []
    for address in ["/projects/", "/projects/?partner=ecpat-norway"]:
        reader.goto(address)
        search = reader.get_by_role("textbox", name="Search").bounding_box()
        label = reader.locator("label", has_text="Sort by").bounding_box()
        distances.append(label["y"] - search["y"] - search["height"])
    assert distances[0] == distances[1] > 0


def test_paper_names_address_day_and_filters(reader):
    reader.goto("/projects/?country=lv&country=lt")
    address = reader.get_by_text("/projects/?country=lv&country=lt")
    expect(address).to_be_hidden()

    reader.emulate_media(media="print")

    expect(address).to_be_visible()
    expect(address).to_contain_text(f"As of {day(localdate())}")
    expect(reader.get_by_role("heading", level=1)).to_contain_text("from Latvia or Lithuania (4)")
    expect(reader.get_by_text("Add a filter")).to_be_hidden()
    expect(reader.get_by_text("Download this page")).to_be_hidden()


def test_a_project_fits_on_two_pages_of_paper(reader):
    reader.goto("/projects/psf-2019-03/")
    assert len(re.findall(rb"/Type\s*/Page\b", reader.pdf(format="A4"))) == 2


def test_paper_has_the_dictionary_of_the_data(reader):
    reader.goto("/data/")
    meaning = reader.get_by_text("Our reference of the project. Example").first
    expect(meaning).to_be_hidden()
    reader.emulate_media(media="print")
    expect(meaning).to_be_visible()


def test_paper_says_which_page_of_a_list_it_shows(browser, site):
    for _project in range(26):
        make_public_project()
    with visit(browser, site) as page:
        page.goto("/projects/")
        page.emulate_media(media="print")
        expect(page.get_by_text("Page 1 of 2")).to_be_visible()
        expect(page.get_by_role("link", name="Next")).to_be_hidden()


def test_tables_with_every_kind_of_amount_fit_on_paper(browser, site):
    call = make_call(funded_count=None)
    for kind in ["ceiling", "awarded", "final", "returned"]:
        make_public_project(call=call, amount_kind=kind, amount_eur=Decimal("9876543.21"))
    make_public_project(call=call)
    width = 673  # A4 without its margins
    with visit(browser, site, viewport={"width": width, "height": 900}) as page:
        page.goto("/figures/")
        page.emulate_media(media="print")
        tables = page.locator("table")
        assert all(table.evaluate("table => table.scrollWidth") <= width for table in tables.all())


@pytest.mark.parametrize("width", [360, 768, 1000])
def test_charts_of_all_years_fit(browser, site, width):
    call_command("load_history")
    with visit(browser, site, viewport={"width": width, "height": 800}) as page:
        page.goto("/figures/")
        years = page.locator(".dots__year:not(.dots__year--today):visible")
        boxes = [year.bounding_box() for year in years.all()]
        matrix = page.get_by_role("region", name="Half matrix of countries")
        widths = matrix.evaluate("region => [region.scrollWidth, region.clientWidth]")

    ends = [box["x"] + box["width"] for box in boxes]
    assert all(end + 4 < box["x"] for end, box in zip(ends, boxes[1:], strict=False))
    assert len(boxes) > 2
    assert widths[0] == widths[1]
