"""The search index of projects. It contains only texts of the public page."""

from pathlib import Path

from psf.facts.declaration import read_declaration, text_columns, text_sources
from psf.search.definition import TextSource
from psf.search.document import Field
from psf.search.index import Index
from psf.search.triggers import Watch

FACTS = read_declaration(Path(__file__).parent / "facts.toml").facts
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
    watches=[
        Watch(
            "projects_project",
            ["id", *text_columns(FACTS["projects"])],
            "SELECT {row}.id AS record",
        ),
        Watch(
            "projects_partnership",
            ["project_id", "partner_id", "country_id", *text_columns(FACTS["partner"])],
            "SELECT {row}.project_id AS record",
        ),
        *(
            Watch(table, ["project_id", key], "SELECT {row}.project_id AS record")
            for table, key in [
                ("projects_project_priorities", "priority_id"),
                ("projects_project_topics", "topic_id"),
            ]
        ),
        *(
            Watch(
                f"projects_{term}",
                ["id", "name"],
                f"SELECT project_id AS record FROM projects_project_{terms} "
                f"WHERE {term}_id = {{row}}.id",
            )
            for term, terms in [("priority", "priorities"), ("topic", "topics")]
        ),
        *(
            Watch(
                table,
                columns,
                "SELECT project_id AS record FROM projects_partnership "
                f"WHERE {key} = {{row}}.{columns[0]}",
            )
            for table, columns, key in [
                ("partners_partner", ["id", "name"], "partner_id"),
                ("partners_partnername", ["partner_id", "text"], "partner_id"),
                ("partners_countryname", ["country_id", "text"], "country_id"),
            ]
        ),
    ],
)
