"""The search index of projects. It contains only texts of the public page."""

from pathlib import Path

from psf.facts.declaration import read_declaration, text_sources
from psf.search.document import Field
from psf.search.index import Index, TextSource

FACTS = read_declaration(Path(__file__).parent / "fields_and_columns.toml").facts
PROJECT, PARTNERSHIP = "projects.Project", "projects.Partnership"

PROJECTS = Index(
    kind="project",
    model=PROJECT,
    sources=[
        *text_sources(PROJECT, "pk", FACTS["projects"]),
        *text_sources(PARTNERSHIP, "project", FACTS["partner"]),
        TextSource(PARTNERSHIP, "project", "partner__names__text", Field.NAMES),
    ],
    countries=(PARTNERSHIP, "project", "country"),
)
