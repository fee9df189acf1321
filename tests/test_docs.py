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


# The modules of each row of “Code for speed” in docs/performance.md, and those that do not count.
FOR_SPEED = {
    "page cache and data version": ["psf/caching/*.py"],
    "key sets, filters and orders": [
        "psf/database/keysets.py",
        "psf/lists/facet_snapshot.py",
        "psf/lists/ordering.py",
        "psf/search/ranking.py",
    ],
    "snapshots of public records": ["projects/list_index/*.py", "partners/pages/list_index.py"],
    "values that follow the history": [
        "psf/followed_values/*.py",
        "projects/checks/followed_checks.py",
    ],
    "prepared queries": ["psf/database/parameters.py", "psf/database/prepared.py"],
}
NOT_COUNTED = {"cache_url", "cache_server", "shared_cache", "shared_version", "replica_readers"}
NOT_COUNTED |= {"membership_facet"}
ROW = re.compile(r"^\| ([^|`]+) \|.*\| (\d+) \|$", re.MULTILINE)
SAID = re.compile(r"(?:has|mostly,|lines elsewhere,)\s(\d[\d ]*\d)")


def test_the_lines_of_code_for_speed_are_those_of_its_modules():
    text = (BASE / "docs/performance.md").read_text().partition("## Code for speed")[2]
    tables = text.split("| lines elsewhere |")
    modules, elsewhere = ({row: int(n) for row, n in ROW.findall(table)} for table in tables)
    assert modules == {
        row: sum(
            len(module.read_text().splitlines())
            for pattern in patterns
            for module in BASE.glob(pattern)
            if module.stem not in NOT_COUNTED
        )
        for row, patterns in FOR_SPEED.items()
    }
    first, second = sum(modules.values()), sum(elsewhere.values())
    said = [int(number.replace(" ", "")) for number in SAID.findall(text)]
    assert said == [first + second, first, second]
