import pytest

from psf.exports.fields import FieldSource, build_fields

DEFINITION = {"heading": "Name", "meaning": "A name."}


def test_dictionary_and_sources_must_name_the_same_fields():
    with pytest.raises(ValueError, match="differ from sources"):
        build_fields({"name": DEFINITION}, {"title": FieldSource("title")}, {}, "2026-01-01")
