"""The measured pages, and their goals in CPU milliseconds of one request."""

from typing import NamedTuple

LARGE = 30_000  # projects
# With fewer projects and from `LARGE` on: a page whose values are made, and one after an edit.
GOALS = [(15, 45), (25, 500)]


class Scenario(NamedTuple):
    """A page, with the places for facts in its address. `goals` differ from those of most pages."""

    name: str
    path: str
    goals: list[tuple[int, int]] = GOALS

    def goal(self, projects: int) -> tuple[int, int]:
        return self.goals[projects >= LARGE]

    def is_for_staff(self) -> bool:
        return self.path.startswith("/admin/")


AUTOCOMPLETE = "/admin/autocomplete/?app_label=projects&model_name=partnership&field_name=partner"
FORM = "/admin/projects/project/{form}/change/"

PAGES = [
    Scenario("home", "/"),
    Scenario("list of projects", "/projects/"),
    Scenario("one country chosen", "/projects/?country=se"),
    Scenario("country and status chosen", "/projects/?country=se&status=running"),
    Scenario("four facets chosen", "/projects/?country=se&kind=ngo&status=running&year={year}"),
    Scenario("nothing found", "/projects/?country=se&lead=fi&status=funded"),
    Scenario("search, broad word", "/projects/?q={broad}"),
    Scenario("search, medium word", "/projects/?q={medium}"),
    Scenario("search, rare word", "/projects/?q={rare}"),
    Scenario("last page", "/projects/?page={last}"),
    Scenario("project", "/projects/{project}/"),
    Scenario("project that was edited", "/projects/{edited}/"),
    Scenario("partner of many projects", "/partners/{partner}/"),
    Scenario("list of partners", "/partners/"),
    Scenario("partners of one country", "/partners/?country=se"),
    Scenario("lead partners", "/lead-partners/"),
    Scenario("country", "/countries/se/"),
    Scenario("list of countries", "/countries/"),
    Scenario("list of calls", "/calls/"),
    Scenario("figures", "/figures/"),
    Scenario("the facility on one page", "/timeline/"),
    Scenario("one country on one page", "/countries/se/sheet/"),
    Scenario("public changes", "/changes/", [(150, 150), (150, 600)]),
    Scenario("admin: first page", "/admin/", [(100, 100), (250, 250)]),
    Scenario("admin: list of projects", "/admin/projects/project/", [(100, 100), (250, 250)]),
    Scenario("admin: search", "/admin/projects/project/?q={medium}", [(100, 100), (250, 250)]),
    Scenario("admin: list of calls", "/admin/projects/call/", [(100, 100), (250, 250)]),
    Scenario("admin: form of a project, 10 partners", FORM, [(90, 90), (90, 90)]),
    Scenario("admin: partner, suggestions", AUTOCOMPLETE + "&term=port"),
]
# The pages that are also measured as the first of a process, and beside Django's own admin.
AFTER_START = ["home", "list of projects", "figures", "public changes"]
BESIDE_STOCK = [page for page in PAGES if page.is_for_staff() and "autocomplete" not in page.path]
