"""Whoever saves waits for others, and nobody else waits for long."""

import pytest
from django.db import connection, transaction

from partners.models import Country
from psf.database.record_version import lock
from psf.database.sql import fetch_all
from tests.support.factories import make_country


def limits():
    names = ["lock_timeout", "statement_timeout"]
    return [fetch_all(f"SHOW {name}", [])[0][0] for name in names]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="the limits are PostgreSQL's")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("statement", "patient"), [("30s", "40s"), ("2min", "130s"), ("0", "0")])
def test_a_lock_is_waited_for_to_the_end_of_its_transaction(statement, patient):
    make_country("LV")
    usual = limits()
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL statement_timeout = '{statement}'")
        for _again in range(2):
            assert lock(Country.objects.all()) == [Country(pk="LV")]
            assert limits() == ["10s", patient]
    assert limits() == usual == ["3s", usual[1]]
