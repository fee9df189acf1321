"""Run the generator: `python -m tests.make_data --projects N [--seed S] [--add]`."""

import os
import sys
from argparse import ArgumentParser

import django
from django.core.exceptions import ValidationError

from psf.operations.backup_archive import whole_number


def main() -> None:
    parser = ArgumentParser("python -m tests.make_data", description="Generate synthetic projects.")
    parser.add_argument("--projects", type=whole_number(1, 10_000_000), required=True)
    parser.add_argument("--seed", type=int, default=7, help="another seed gives other records")
    parser.add_argument(
        "--add", action="store_true", help="allow a database that already has projects"
    )
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "psf.settings")
    os.environ["STATEMENT_TIMEOUT"] = "0"  # the limit is for pages
    django.setup()

    from tests.make_data.generator import make_data

    try:
        counts = make_data(options.projects, options.seed, options.add)
    except ValidationError as error:
        sys.exit(f"Nothing was generated. {' '.join(error.messages)}")
    print(counts)  # noqa: T201


main()
