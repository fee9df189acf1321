"""Compiled templates are kept in a folder from one start to the next."""

import jinja2
import pytest
from jinja2 import FileSystemLoader

from psf.site.template_engine import environment


@pytest.fixture
def folder(settings, tmp_path):
    """The folder of the compiled templates; a page includes another template."""
    settings.COMPILED_TEMPLATES = tmp_path / "compiled"
    settings.COMPILED_TEMPLATES.mkdir()
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "page.html").write_text("{% include 'part.html' %}")
    (tmp_path / "source" / "part.html").write_text("old {{ name }}")
    return settings.COMPILED_TEMPLATES


@pytest.fixture
def compiled(monkeypatch):
    """The names of the templates that Jinja compiles."""
    names, compile_template = [], jinja2.Environment.compile

    def note_and_compile(self, source, name, filename):
        names.append(name)
        return compile_template(self, source, name, filename)

    monkeypatch.setattr(jinja2.Environment, "compile", note_and_compile)
    return names


def render(tmp_path):
    """The page as a process renders it that has just started."""
    jinja = environment(loader=FileSystemLoader(tmp_path / "source"), autoescape=True)
    return jinja.get_template("page.html").render(name="<b>")


def test_a_template_is_compiled_once(folder, tmp_path, compiled):
    for _start in range(2):
        assert render(tmp_path) == "old &lt;b&gt;"
    assert compiled == ["page.html", "part.html"]


def test_a_changed_template_is_compiled_again(folder, tmp_path, compiled):
    render(tmp_path)
    compiled.clear()
    (tmp_path / "source" / "part.html").write_text("new {{ name }}")
    assert render(tmp_path) == "new &lt;b&gt;"
    assert compiled == ["part.html"]


def test_a_new_version_of_jinja_compiles_every_template(folder, tmp_path, compiled, monkeypatch):
    render(tmp_path)
    compiled.clear()
    monkeypatch.setattr(jinja2, "__version__", "9.9")
    assert render(tmp_path) == "old &lt;b&gt;"
    assert compiled == ["page.html", "part.html"]


def test_a_page_is_rendered_without_the_folder(folder, tmp_path):
    folder.rmdir()
    assert render(tmp_path) == "old &lt;b&gt;"
    assert not folder.exists()
