"""The public projects as one table in a SQLite file, for Datasette.

`python -m tests.benchmarks.flat_file FILE` writes each row with its title, summary, year,
status and the country of its lead partner. An index (FTS5) has the words under which our search
finds the row.
"""

import sqlite3
import sys
from collections.abc import Iterator
from typing import Any

import django

django.setup()

from django.db.models import OuterRef, Subquery  # noqa: E402

from projects.models import Partnership, Project, Role  # noqa: E402
from projects.search import PROJECTS  # noqa: E402
from psf.search.index import build_documents  # noqa: E402

AT_ONCE = 1000

TABLES = """
CREATE TABLE projects (
    id INTEGER PRIMARY KEY, slug TEXT, title TEXT, summary TEXT, year INTEGER, status TEXT,
    country TEXT, words TEXT
);
CREATE VIRTUAL TABLE projects_fts USING fts5(words, content="projects", content_rowid="id");
"""
INDEXES = """
INSERT INTO projects_fts (rowid, words) SELECT id, words FROM projects;
CREATE INDEX projects_year ON projects (year DESC, id DESC);
CREATE INDEX projects_status ON projects (status);
CREATE INDEX projects_country ON projects (country);
ANALYZE;
"""


def rows() -> Iterator[tuple[Any, ...]]:
    """The rows of the table, in the order of its columns."""
    lead = Partnership.objects.filter(project=OuterRef("pk"), role=Role.LEAD)
    columns = ["pk", "slug", "title", "summary", "call__closes_at__year", "status"]
    projects = Project.objects.public().annotate(lead_country=Subquery(lead.values("country")[:1]))
    found = projects.order_by("pk").values_list(*columns, "lead_country")
    last = 0
    while some := list(found.filter(pk__gt=last)[:AT_ONCE]):
        last = some[-1][0]
        documents = build_documents(PROJECTS, [row[0] for row in some])
        words = {document.record: " ".join(document.columns) for document in documents}
        yield from ((*row, words[row[0]]) for row in some)


def main() -> None:
    database = sqlite3.connect(sys.argv[1])
    database.executescript(TABLES)
    database.executemany(f"INSERT INTO projects VALUES ({', '.join('?' * 8)})", rows())
    database.commit()
    database.executescript(INDEXES)
    database.close()


main()
