"""Addresses of the copy, and links that lead to them."""

import pytest

from psf.static_site.addresses import file_of, normalise, pages_before, path_in_copy
from psf.static_site.rewriting import addresses_in_style, find_link, parts_of_sitemap, rewrite_page


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("/projects/", "/projects/"),
        ("/projects/?page=1", "/projects/"),
        ("/projects/?page=2", "/projects/page/2/"),
        ("/partners/?page=3", "/partners/page/3/"),
        ("/projects/?country=lv", "/projects/country/lv/"),
        ("/projects/?topic=youth&page=2", "/projects/topic/youth/page/2/"),
        ("/projects/?country=lv&country=ee", None),
        ("/projects/?country=..%2F..", None),
        ("/projects/?page=..", None),
        ("/projects/?q=water", None),
        ("/calls/?phase=open", None),
        ("/figures/?sort=name", None),
        ("/feed.atom", "/feed.atom"),
        ("/projects/a.atom", None),
        ("/projects/a.json", None),
        ("/projects.json", None),
        ("/projects.csv", "/projects.csv"),
        ("/countries/lv/sheet.csv", "/countries/lv/sheet.csv"),
        ("/admin/", None),
    ],
)
def test_address_in_the_copy(address, path):
    assert path_in_copy(address) == path


def test_files_and_normal_addresses():
    assert file_of("/") == "index.html"
    assert file_of("/projects/a/") == "projects/a/index.html"
    assert file_of("/a/%C3%A4.pdf") == "a/ä.pdf"
    assert normalise("/projects/?page=2&country=lv") == "/projects/?country=lv&page=2"
    assert normalise("/projects/?page=1") == "/projects/"
    assert normalise("/a/ä.pdf") == normalise("/a/%C3%A4.pdf")


def test_pages_before_the_last_page_of_a_list():
    assert pages_before("/projects/?country=lv&page=4") == [
        "/projects/?country=lv&page=2",
        "/projects/?country=lv&page=3",
    ]
    assert pages_before("/projects/?page=3&topic=youth") == ["/projects/?page=2&topic=youth"]
    assert pages_before("/projects/?country=lv") == pages_before("/") == []


def test_links_are_rewritten_or_removed():
    html = (
        '<link rel="stylesheet" href="/static/a.css"><link rel="x" href="/projects.atom">'
        '<link rel="y"><a href="?page=2#found">Next</a> <a href="?q=a">Search</a> <a id="x">X</a>'
        '<a href="https://example.org/?a=b">Out</a> <a href="#main">Main</a>'
        '<a href="mailto:a@example.org">Mail</a> <img src="/static/b.svg">'
        '<svg id="z"><a href="/"><path></path></a><a href="/x/?a=b"><path></path></a></svg>'
        '<form action="/projects/"><input></form><form></form>'
    )
    text, addresses = rewrite_page(html, "/projects/?page=3")
    lists = {"/projects/", "/calls/", "/partners/", "/countries/"}
    assert addresses - lists == {"/", "/static/a.css", "/projects/?page=2", "/static/b.svg"}
    assert '<a href="/projects/page/2/#found">Next</a> <span>Search</span> <a id="x">X</a>' in text
    assert '<svg id="z"><a href="/"><path></path></a><path></path></svg>' in text
    assert '<link rel="y">' in text and "projects.atom" not in text
    assert '<a href="https://example.org/?a=b">Out</a> <a href="#main">Main</a>' in text
    assert '<a href="mailto:a@example.org">Mail</a>' in text
    assert "<form" not in text and text.count("This copy of the site has no search") == 1


def test_canonical_address_is_that_of_the_file():
    site = "http://127.0.0.1:8000"
    html = f'<link rel="canonical" href="{site}/projects/?country=lv&amp;page=2">'
    text, addresses = rewrite_page(html, "/projects/?country=lv&page=2")
    assert text == f'<link rel="canonical" href="{site}/projects/country/lv/page/2/">'
    assert addresses == {"/projects/?country=lv&page=2"}


def test_stylesheets_and_sitemaps_name_files():
    css = "a { src: url('font.woff2') } b { background: url(data:image/png) url(/c.svg#x) }"
    assert addresses_in_style(css, "/static/a.css") == {"/static/font.woff2", "/c.svg"}
    xml = "<sitemap><loc>https://example.org/sitemap-1.xml</loc></sitemap>"
    assert parts_of_sitemap(xml) == {"/sitemap-1.xml"}


@pytest.mark.parametrize(
    ("href", "link", "target"),
    [
        ("/", "/", "/"),
        ("/projects/psf-2019-01/", "/projects/psf-2019-01/", "/projects/psf-2019-01/"),
        ("/admin/", None, ""),
        ("/projects/a.json", None, ""),
        ("/static/psf/a.1b.css", "/static/psf/a.1b.css", "/static/psf/a.1b.css"),
        ("/projects/../calls/", "/calls/", "/calls/"),
        ("//example.org/", "//example.org/", ""),
        ("../", "/projects/", "/projects/"),
        ("/a/ä/", "/a/ä/", "/a/%C3%A4/"),
    ],
)
def test_a_link_names_its_file_and_its_address(href, link, target):
    assert find_link(href, "/projects/psf-2019-02/") == (link, target)
