"""Facts that are declared in lines, apart from those of an app."""

import pytest

from partners.models import Partner
from psf.facts.declaration import Fact, read_declaration
from psf.facts.facts import Facts

NAME = Facts({"name": Fact("name", heading="Name", meaning="A name.")})


def test_function_without_a_declaration_is_refused():
    with pytest.raises(ValueError, match="have no declaration"):
        NAME.data_fields({"title": str}, {})


def test_field_without_a_function_is_read_at_its_path():
    (field,) = NAME.data_fields({}, {})
    assert field.value(Partner(name="Stellit")) == "Stellit"


def test_a_line_can_be_like_a_line_of_another_section(tmp_path):
    lines = [
        "[tables]",
        "[internal]",
        "[first]",
        'name = { heading = "Name", blank = "not known" }',
    ]
    lines += ["[second]", 'name = { like = "first", blank = "not public" }']
    (tmp_path / "fields_and_columns.toml").write_text("\n".join(lines))
    facts = read_declaration(tmp_path / "fields_and_columns.toml").facts
    assert facts["second"]["name"] == Fact("name", heading="Name", blank="not public")


def test_an_unknown_option_of_a_line_is_refused(tmp_path):
    (tmp_path / "fields_and_columns.toml").write_text(
        "[tables]\n[internal]\n[first]\nname = { wieght = 'body' }"
    )
    with pytest.raises(TypeError, match="wieght"):
        read_declaration(tmp_path / "fields_and_columns.toml")
