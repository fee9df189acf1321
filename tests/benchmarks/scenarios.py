"""The measured pages, and their goals: medians in milliseconds."""

from typing import NamedTuple

SMALL, LARGE = 1000, 300_000
# PostgreSQL may take so much longer than SQLite after an edit.
POSTGRESQL = 1.5
Pair = tuple[float, float]


class Scenario(NamedTuple):
    """A page, with the places for facts in its address.

    `goals` are for waiting on SQLite and on PostgreSQL, `large` the same from 300 000 projects on.
    `edited` are for CPU after an edit on SQLite, with 30 000 projects and with 1 000.
    """

    name: str
    path: str
    goals: Pair | None = None
    large: Pair | None = None
    edited: Pair | None = None
    staff: bool = False

    def goal(self, database: str, projects: int) -> float | None:
        goals = self.large if self.large and projects >= LARGE else self.goals
        return goals and goals[database != "sqlite"]

    def goal_after_edit(self, database: str, projects: int) -> float | None:
        if self.edited is None or projects >= LARGE:
            return None
        return self.edited[projects <= SMALL] * (1 if database == "sqlite" else POSTGRESQL)


AUTOCOMPLETE = "/admin/autocomplete/?app_label=projects&model_name=partnership&field_name=partner"

PAGES = [
    Scenario("home", "/", edited=(25, 8)),
    Scenario("list of projects", "/projects/", (10, 15), (12, 20), edited=(12, 6)),
    Scenario("one country chosen", "/projects/?country=se", (40, 50), (350, 450), edited=(12, 6)),
    Scenario("country and status chosen", "/projects/?country=se&status=running", (40, 50)),
    Scenario(
        "four facets chosen", "/projects/?country=se&kind=ngo&status=running&year={year}", (40, 50)
    ),
    Scenario("nothing found", "/projects/?country=se&lead=fi&status=funded", (40, 50)),
    Scenario("search, broad word", "/projects/?q={broad}", (35, 50), (310, 450), edited=(40, 8)),
    Scenario("search, medium word", "/projects/?q={medium}", (10, 12), (25, 35), edited=(15, 8)),
    Scenario("search, rare word", "/projects/?q={rare}", (6, 8), edited=(9, 8)),
    Scenario("last page", "/projects/?page={last}", (30, 35), (32, 40)),
    Scenario("project", "/projects/{project}/", (2.5, 4), edited=(5, 5)),
    Scenario("project that was edited", "/projects/{edited}/"),
    Scenario("partner of many projects", "/partners/{partner}/", (5, 7)),
    Scenario("list of partners", "/partners/"),
    Scenario("partners of one country", "/partners/?country=se"),
    Scenario("lead partners", "/lead-partners/"),
    Scenario("country", "/countries/se/", (5, 7), edited=(25, 8)),
    Scenario("list of countries", "/countries/"),
    Scenario("list of calls", "/calls/"),
    Scenario("figures", "/figures/", edited=(25, 8)),
    Scenario("who works with whom", "/figures/cooperation/", edited=(25, 8)),
    Scenario("map, one country chosen", "/figures/map/?country=se"),
    Scenario("one country on one page", "/countries/se/sheet/", edited=(25, 8)),
    Scenario("public changes", "/changes/"),
    Scenario("admin: list of projects", "/admin/projects/project/", (60, 100), staff=True),
    Scenario("admin: search", "/admin/projects/project/?q={medium}", (120, 150), staff=True),
    Scenario("admin: list of calls", "/admin/projects/call/", (60, 90), staff=True),
    Scenario(
        "admin: form of a project, 10 partners",
        "/admin/projects/project/{form}/change/",
        (60, 90),
        staff=True,
    ),
    Scenario("admin: partner, suggestions", AUTOCOMPLETE + "&term=port", (120, 150), staff=True),
]
FIRST_STAFF_PAGE = Scenario("admin: first page", "/admin/", edited=(60, 40), staff=True)
# The pages that are also measured as the first of a process.
AFTER_START = ["home", "list of projects", "figures"]
