import re
from pathlib import Path

import pytest

BASE = Path(__file__).resolve().parent.parent
PAGES = [BASE / "README.md", *sorted((BASE / "docs").rglob("*.md"))]
NAMED_TEST = re.compile(r"[` ](tests/[\w./-]*\w)")  # alone or in a command
LINK = re.compile(r"\]\((?![a-z]+:|#)([^)#\s]+)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(BASE).as_posix())
def test_links_between_documents_lead_to_a_file(page):
    targets = [page.parent / target for target in LINK.findall(page.read_text())]
    assert [target for target in targets if not target.exists()] == []


def test_the_handbook_lists_all_its_pages():
    handbook = BASE / "docs/handbook"
    listed = {
        name for name in LINK.findall((handbook / "README.md").read_text()) if "/" not in name
    }
    assert listed == {page.name for page in handbook.glob("*.md")} - {"README.md"}


def test_each_picture_of_the_handbook_is_shown():
    handbook = BASE / "docs/handbook"
    shown = {name for page in handbook.glob("*.md") for name in LINK.findall(page.read_text())}
    assert {f"pictures/{path.name}" for path in handbook.glob("pictures/*")} <= shown


def test_tests_named_in_documents_exist():
    named = {name for page in PAGES for name in NAMED_TEST.findall(page.read_text())}
    assert {name for name in named if not (BASE / name).exists()} == set()


def test_each_change_in_the_changelog_is_one_line_of_a_dated_version():
    lines = (BASE / "CHANGELOG.md").read_text().splitlines()
    _title, _format, *entries = filter(None, lines)
    for line in entries:
        version = re.fullmatch(r"## \d+\.\d+\.\d+ – \d{4}-\d\d-\d\d", line)
        kind = re.match(r"### (Before you upgrade|Added|Changed|Removed|Fixed)\b", line)
        assert version or kind or line.startswith("- "), line
        assert len(line) <= 120, line
