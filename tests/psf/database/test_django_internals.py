"""The internals of Django on which psf/database/prepared.py relies.

If a test fails after an upgrade of Django, adapt `prepared.py` to the new version.
"""

from inspect import signature
from types import SimpleNamespace

import pytest
from django.db import connection
from django.db.models.sql.compiler import SQLCompiler
from django.db.models.sql.query import Query

from partners.models import Partner
from projects.models import Project
from tests.support.factories import make_public_project


@pytest.mark.parametrize(
    ("function", "parameters"),
    [
        (Query.get_compiler, ["self", "using", "connection", "elide_empty"]),
        (SQLCompiler.as_sql, ["self", "with_limits", "with_col_aliases"]),
        (SQLCompiler.execute_sql, ["self", "result_type", "chunked_fetch", "chunk_size"]),
    ],
    ids=lambda value: getattr(value, "__qualname__", ""),
)
def test_internal_function_has_the_same_parameters(function, parameters):
    assert [*signature(function).parameters] == parameters


@pytest.mark.django_db
@pytest.mark.parametrize("names", [[], ["pk"]])
def test_iterables_of_django_need_a_compiler_that_executes(names):
    project = make_public_project()
    queryset = Project.objects.values_list(*names) if names else Project.objects.all()
    compiler = queryset.query.get_compiler(connection=connection, elide_empty=False)
    rows = compiler.execute_sql()
    compiler.execute_sql = lambda *args, **kwargs: rows
    query = SimpleNamespace(get_compiler=lambda *args, **kwargs: compiler)
    source = SimpleNamespace(db="default", query=query, _known_related_objects={})
    found = list(queryset._iterable_class(source))
    assert found == ([(project.pk,)] if names else [project])


@pytest.mark.django_db
def test_prefetched_rows_are_stored_in_the_record():
    project = make_public_project()
    fetched = Project.objects.prefetch_related("partnerships").get(pk=project.pk)
    assert [*fetched._prefetched_objects_cache] == ["partnerships"]


@pytest.mark.django_db
def test_a_list_is_accepted_as_prefetched_rows():
    partner = make_public_project().partnerships.get().partner
    partner._prefetched_objects_cache = {"names": []}
    assert list(Partner.names.__get__(partner).all()) == []
