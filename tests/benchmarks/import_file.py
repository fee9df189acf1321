"""A file of synthetic projects for `import_projects`, one row for each partner.

python -m tests.benchmarks.import_file PROJECTS FILE
"""

import csv
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import django

django.setup()

from projects.models import Call  # noqa: E402
from tests.make_data.generator import Generator  # noqa: E402

CALL = Call(closes_at=datetime(2024, 4, 1, 12, tzinfo=UTC))


def rows(projects: int) -> Iterator[dict[str, Any]]:
    """As many partners and organisations, and texts as long, as `tests.make_data` has."""
    generator = Generator(1, projects, seed=11)
    generator.calls = [CALL]
    organisations = [generator._organisation(number) for number in range(1, 2 * projects + 1)]
    generator.organisations = [(number, org.country_id) for number, org in enumerate(organisations)]
    for number in range(1, projects + 1):
        project = generator._project(number)
        own = {
            "reference": f"FILE-{number:06d}",
            "acronym": project.acronym,
            "title": project.title,
            "summary": project.summary,
            "description": project.description,
            "starts_on": project.starts_on,
            "ends_on": project.ends_on,
            "priority": generator.random.choice(generator.words["priorities"]),
        }
        for part in generator._partnerships(project):
            organisation = organisations[part.partner_id or 0]
            yield own | {
                "partner_role": part.role,
                "partner_name": organisation.name,
                "partner_country": part.country_id,
                "partner_kind": organisation.kind,
            }


def main() -> None:
    found = rows(int(sys.argv[1]))
    first = next(found)
    with Path(sys.argv[2]).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(first))
        writer.writeheader()
        writer.writerow(first)
        writer.writerows(found)


main()
