"""A template that was compiled ahead is taken where it is the same, and only there."""

import jinja2
import pytest
from jinja2 import FileSystemLoader

from psf.compiled import compile_all
from psf.site.templates import environment


@pytest.fixture
def folder(settings, tmp_path):
    """The folder of what is compiled ahead, of a page and a part of it."""
    settings.COMPILED_TEMPLATES = tmp_path / "compiled"
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "page.html").write_text("{% include 'part.html' %}")
    (tmp_path / "source" / "part.html").write_text("old {{ name }}")
    compile_all(worker(tmp_path))
    return settings.COMPILED_TEMPLATES


def worker(tmp_path):
    return environment(loader=FileSystemLoader(tmp_path / "source"), autoescape=True)


def drawn(tmp_path):
    return worker(tmp_path).get_template("page.html").render(name="<b>")


@pytest.fixture
def compiled(monkeypatch):
    """The names of the templates that are compiled from now on."""
    names, compiling = [], jinja2.Environment.compile

    def told(self, source, name, filename):
        names.append(name)
        return compiling(self, source, name, filename)

    monkeypatch.setattr(jinja2.Environment, "compile", told)
    return names


def test_what_was_compiled_ahead_is_not_compiled_again(folder, tmp_path, compiled):
    assert drawn(tmp_path) == "old &lt;b&gt;"
    assert compiled == []


def test_a_changed_template_is_compiled_where_it_is_needed(folder, tmp_path, compiled):
    before = sorted(folder.iterdir())
    (tmp_path / "source" / "part.html").write_text("new {{ name }}")
    assert drawn(tmp_path) == "new &lt;b&gt;"
    assert compiled == ["part.html"]
    assert sorted(folder.iterdir()) == before


def test_another_jinja_takes_nothing_of_the_one_before(folder, tmp_path, compiled, monkeypatch):
    monkeypatch.setattr(jinja2, "__version__", "9.9")
    assert drawn(tmp_path) == "old &lt;b&gt;"
    assert compiled == ["page.html", "part.html"]


@pytest.mark.parametrize("kept", [0, 1, 10, 20, 60, 100])
def test_a_damaged_file_is_left_aside(folder, tmp_path, kept):
    for file in folder.iterdir():
        file.write_bytes(file.read_bytes()[:kept] + b"\x80\x02.")
    assert drawn(tmp_path) == "old &lt;b&gt;"


def test_without_the_folder_pages_are_the_same(folder, tmp_path):
    for file in folder.iterdir():
        file.unlink()
    folder.rmdir()
    assert drawn(tmp_path) == "old &lt;b&gt;"
    assert not folder.exists()
    folder.touch()
    assert drawn(tmp_path) == "old &lt;b&gt;"


def test_compiling_again_leaves_nothing_of_before(folder, tmp_path, compiled):
    (tmp_path / "source" / "part.html").unlink()
    compile_all(worker(tmp_path))
    assert compiled == ["page.html"]
    assert len(list(folder.iterdir())) == 1
