"""Processor time of writes, with all triggers and without. Prints JSON and changes nothing."""

import json
import statistics
import time
from collections.abc import Callable

import django

django.setup()

from django.db import connection, transaction  # noqa: E402
from django.db.models import F, Value  # noqa: E402
from django.db.models.functions import Concat  # noqa: E402

from projects.models import Project  # noqa: E402
from psf.database.dialects import DIALECTS  # noqa: E402
from psf.database.triggers import existing_triggers  # noqa: E402
from tests.benchmarks.processes import parent, processor_seconds  # noqa: E402

SAVES, TITLES, ROUNDS = 100, 1000, 5


def server() -> list[int]:
    """The process of a PostgreSQL server: the parent of the one that serves this connection."""
    if connection.vendor == "sqlite":
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return [parent(cursor.fetchone()[0])]


def cost(write: Callable[[], object]) -> float:
    """Milliseconds of this process and of the server."""
    servers = server()
    before = time.process_time() + processor_seconds(servers)
    write()
    return (time.process_time() + processor_seconds(servers) - before) * 1000


def save_all() -> None:
    for project in Project.objects.order_by("pk")[:SAVES]:
        project.title += "."
        with transaction.atomic():
            project.save()


def update_titles() -> None:
    keys = Project.objects.order_by("pk").values("pk")[:TITLES]
    Project.objects.filter(pk__in=keys).update(title=Concat(F("title"), Value(".")))


def costs() -> dict[str, float]:
    saves = [cost(save_all) / SAVES for _round in range(ROUNDS)]
    updates = [cost(update_titles) for _round in range(ROUNDS)]
    return {"save": statistics.median(saves), "update": statistics.median(updates)}


def main() -> None:
    with transaction.atomic():
        result = {"with": costs()}
        with connection.cursor() as cursor:
            for name, table in existing_triggers(connection):
                drop = DIALECTS[connection.vendor].drop_trigger
                cursor.execute(drop.format(name=name, table=table))
        result["without"] = costs()
        transaction.set_rollback(True)
    print(json.dumps(result))  # noqa: T201


main()
