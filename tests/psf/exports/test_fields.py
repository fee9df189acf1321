import pytest

from psf.exports.fields import FieldSource, build_fields

DEFINITION = {"heading": "Name", "meaning": "A name."}


def test_source_without_a_definition_is_refused():
    with pytest.raises(ValueError, match="have no definition"):
        build_fields({"name": DEFINITION}, {"title": FieldSource("title")}, {}, "2026-01-01")


def test_field_without_a_source_is_the_column_of_its_name():
    (field,) = build_fields({"name": DEFINITION}, {}, {}, "2026-01-01")
    assert field.source == FieldSource("name")
