"""The documented limits of costly functions are those of the code."""

import ast
import re
from pathlib import Path

import pytest
from django.utils.module_loading import import_string

BASE = Path(__file__).parents[1]
TEXT = (BASE / "docs" / "limits.md").read_text(encoding="utf-8")
SETTINGS = (BASE / "psf" / "settings.py").read_text(encoding="utf-8")
ROWS = re.findall(r"\| `([\w.]+)` \| (\S.*?) \|$", TEXT, re.MULTILINE)


def value_of(name):
    module, _dot, attribute = name.rpartition(".")
    if module == "psf.settings":  # the tests have another value
        line = re.search(rf"^{attribute} = (\S+)", SETTINGS, re.MULTILINE)
        return ast.literal_eval(line[1])
    if module.rpartition(".")[2][0].isupper():
        return getattr(import_string(module), attribute)
    return import_string(name)


@pytest.mark.parametrize(("name", "value"), ROWS, ids=[name for name, _value in ROWS])
def test_documented_limit_is_the_limit_of_the_code(name, value):
    assert value_of(name) == ast.literal_eval(value)


def test_every_row_of_the_table_is_compared():
    assert len(ROWS) == TEXT.count("\n| ") - 1 > 30
