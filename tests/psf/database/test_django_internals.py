"""The internals of Django on which psf/database/prepared.py relies.

If a test fails after an upgrade of Django, adapt `prepared.py` to the new version.
"""

from inspect import signature

import pytest
from django.db import connection
from django.db.models import Count, QuerySet
from django.db.models.query import ModelIterable, RelatedPopulator, get_related_populators
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
        (SQLCompiler.get_converters, ["self", "expressions"]),
        (SQLCompiler.apply_converters, ["self", "rows", "converters"]),
        (get_related_populators, ["klass_info", "select", "db"]),
        (RelatedPopulator.populate, ["self", "row", "from_obj"]),
    ],
    ids=lambda value: getattr(value, "__qualname__", ""),
)
def test_internal_function_has_the_same_parameters(function, parameters):
    assert [*signature(function).parameters] == parameters


def test_compiler_describes_the_columns_of_a_record():
    queryset = Project.objects.select_related("call").annotate(number=Count("partnerships"))
    compiler = queryset.query.get_compiler(connection=connection, elide_empty=False)
    compiler.as_sql()
    assert {"model", "select_fields", "related_klass_infos"} <= compiler.klass_info.keys()
    assert compiler.klass_info["model"] is Project
    expression, (sql, _params), _alias = compiler.select[0]
    assert expression.target is Project._meta.pk
    assert sql.endswith('"id"')
    assert [*compiler.annotation_col_map] == ["number"]


def test_queryset_knows_its_iterable():
    assert QuerySet(Project)._iterable_class is ModelIterable


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
