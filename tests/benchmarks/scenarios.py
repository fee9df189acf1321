"""The measured pages, and their goals: median milliseconds of waiting."""

from typing import NamedTuple

LARGE = 300_000
# For SQLite and PostgreSQL.
Pair = tuple[float, float]


class Scenario(NamedTuple):
    """A page, with the places for facts in its address.

    `large` are the goals from so many projects on, where they are others.
    """

    name: str
    path: str
    goals: Pair | None = None
    large: Pair | None = None
    staff: bool = False

    def goal(self, database: str, projects: int) -> float | None:
        goals = self.large if self.large and projects >= LARGE else self.goals
        return goals and goals[database != "sqlite"]


AUTOCOMPLETE = "/admin/autocomplete/?app_label=projects&model_name=partnership&field_name=partner"

PAGES = [
    Scenario("home", "/"),
    Scenario("list of projects", "/projects/", (10, 15), (12, 20)),
    Scenario("one country chosen", "/projects/?country=se", (40, 50), (350, 450)),
    Scenario("country and status chosen", "/projects/?country=se&status=running", (40, 50)),
    Scenario(
        "four facets chosen", "/projects/?country=se&kind=ngo&status=running&year={year}", (40, 50)
    ),
    Scenario("nothing found", "/projects/?country=se&lead=fi&status=funded", (40, 50)),
    Scenario("search, broad word", "/projects/?q={broad}", (35, 50), (310, 450)),
    Scenario("search, medium word", "/projects/?q={medium}", (10, 12), (25, 35)),
    Scenario("search, rare word", "/projects/?q={rare}", (6, 8)),
    Scenario("last page", "/projects/?page={last}", (30, 35), (32, 40)),
    Scenario("project", "/projects/{project}/", (2.5, 4)),
    Scenario("partner of many projects", "/partners/{partner}/", (5, 7)),
    Scenario("list of partners", "/partners/"),
    Scenario("partners of one country", "/partners/?country=se"),
    Scenario("lead partners", "/lead-partners/"),
    Scenario("country", "/countries/se/", (5, 7)),
    Scenario("list of countries", "/countries/"),
    Scenario("list of calls", "/calls/"),
    Scenario("figures", "/figures/"),
    Scenario("who works with whom", "/figures/cooperation/"),
    Scenario("map, one country chosen", "/figures/map/?country=se"),
    Scenario("one country on one page", "/countries/se/sheet/"),
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
FIRST_STAFF_PAGE = Scenario("admin: first page", "/admin/", staff=True)
# The pages that are also measured as the first of a process.
AFTER_START = ["home", "list of projects", "figures"]
