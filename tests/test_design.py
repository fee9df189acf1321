"""The stylesheets and the templates: contrast, format, weight, no inline style."""

import gzip
import re
from pathlib import Path

import pytest
from django.conf import settings
from fontTools.ttLib import TTFont

ROOT = Path(settings.BASE_DIR)
STYLESHEETS = {
    path.stem: path.read_text("utf-8") for path in sorted((ROOT / "psf/static/psf").glob("*.css"))
}
FONTS = ROOT / "psf/static/psf/fonts"
COLOURS = re.findall(r"--([\w-]+): (#[0-9a-f]{6});", STYLESHEETS["tokens"])
COLOUR_PAIRS = re.findall(
    r"--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);", STYLESHEETS["tokens"]
)
TOKENS = {name: {"light": colour, "dark": colour} for name, colour in COLOURS}
TOKENS |= {name: {"light": light, "dark": dark} for name, light, dark in COLOUR_PAIRS}
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
COMPONENTS = [
    *(ROOT / "templates/public").rglob("*.html"),
    *(ROOT / "templates/forms").rglob("*.html"),
]
PUBLIC = STYLESHEETS["tokens"] + STYLESHEETS["site"] + STYLESHEETS["charts"]
# Parts of a form of Django’s admin, and the boxes in the rows of public lists.
WITH_FIELD_MARKUP = {
    "admin/base_site.html",
    "admin/change_list.html",
    "admin/delete_confirmation.html",
    "admin/projects/application_forms/_mails.html",
    "admin/projects/application_forms/_rows.html",
    "admin/projects/decisions/_draft.html",
    "admin/projects/letters/outbox.html",
    "admin/record_form.html",
    "admin/submit_line.html",
    "admin/search_form.html",
    "public/_header_and_footer.html",
    "public/_lists.html",
    "staff/_decision.html",
    "staff/_fieldset.html",
    "staff/_rows.html",
}
COMPUTED = "…"  # stands for what a template works out

TEXT, MARK = 4.5, 3.0
PANELS = ["success", "warning", "error", "current", "selected"]
# Foreground, background, least contrast.
PAIRS = [
    ("ink", "paper", TEXT),
    ("ink", "panel", TEXT),
    ("ink", "sea", TEXT),
    ("quiet", "paper", TEXT),
    ("quiet", "panel", TEXT),
    ("link", "paper", TEXT),
    ("link", "panel", TEXT),
    ("error", "paper", TEXT),
    ("error", "panel", TEXT),
    ("error", "panel-error", TEXT),
    *[("ink", f"panel-{kind}", TEXT) for kind in PANELS],
    # The words of a button, of the skip link and of the preview banner.
    ("paper", "ink", TEXT),
    ("paper", "link", TEXT),
    ("paper", "amber", TEXT),
    ("on-deep", "deep", TEXT),
    ("on-deep-quiet", "deep", TEXT),
    *[(f"on-land-{step}", f"land-{step}", TEXT) for step in range(5)],
    # Borders of controls, the focus ring, marks of the map and of announcements.
    ("control", "paper", MARK),
    ("control", "panel", MARK),
    ("amber", "paper", MARK),
    ("amber", "panel", MARK),
    ("amber-on-deep", "deep", MARK),
    *[(front, "bar", TEXT) for front in ["on-deep", "on-deep-quiet", "amber-on-deep"]],
    ("on-amber", "amber-on-deep", TEXT),
    *[(mark, "paper", MARK) for mark in ["this", "project", "led"]],
    *[(f"on-{mark}", mark, TEXT) for mark in ["project", "led"]],
    ("led", "project", MARK),
    *[(f"line-{kind}", "panel", MARK) for kind in ["call", "project", "partner"]],
    ("coast", "sea", MARK),
    ("coast", "ground", MARK),
    ("ink", "ground", MARK),
    # Dark lands have no dark border: the fill itself stands out.
    ("land-3", "sea", MARK),
    ("land-4", "sea", MARK),
]


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = [
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in channels
    ]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted([luminance(one), luminance(other)])
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_is_measured_as_the_guidelines_do():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("front", "back", "least"), PAIRS)
def test_foreground_contrasts_with_background(front, back, least, theme):
    assert contrast(TOKENS[front][theme], TOKENS[back][theme]) >= least


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_shades_of_the_map_are_ordered_for_eyes_that_see_no_colour(theme):
    shades = [luminance(TOKENS[f"land-{step}"][theme]) for step in range(5)]

    assert shades == sorted(shades, reverse=theme == "light")
    assert len(set(shades)) == 5


def test_browsers_without_pairs_have_the_same_light_colours():
    assert {(name, light) for name, light, _dark in COLOUR_PAIRS} <= {*COLOURS}


def custom_properties(css: str) -> set[str]:
    return set(re.findall(r"[\s{](--[\w-]+):", css))


def used_properties(css: str) -> set[str]:
    return set(re.findall(r"var\((--[\w-]+)", css))


def without_comments(css: str) -> str:
    """`css` with every comment replaced by as many empty lines."""
    return re.sub(r"/\*.*?\*/", lambda comment: "\n" * comment[0].count("\n"), css, flags=re.DOTALL)


@pytest.mark.parametrize("name", ["admin", "charts", "site"])
def test_colours_are_defined_in_the_tokens_only(name):
    css = without_comments(STYLESHEETS[name])

    assert re.findall(r"#[0-9a-f]{3,8}\b(?=[^{]*[;}])|(?:rgb|hsl|light-dark)\(", css) == []


@pytest.mark.parametrize("name", ["admin", "charts", "site"])
def test_stylesheet_uses_only_defined_tokens(name):
    css = STYLESHEETS[name]
    tokens = custom_properties(STYLESHEETS["tokens"])

    assert used_properties(css) & tokens
    assert used_properties(css) <= tokens | custom_properties(css)


def test_every_token_is_used():
    properties = set().union(*map(used_properties, STYLESHEETS.values()))

    assert custom_properties(STYLESHEETS["tokens"]) <= properties


@pytest.mark.parametrize("name", STYLESHEETS)
def test_line_holds_at_most_one_declaration_and_120_characters(name):
    lines = STYLESHEETS[name].splitlines()
    rules = without_comments(STYLESHEETS[name]).splitlines()

    assert [line for line in lines if len(line) > 120] == []
    assert [line for line in rules if line.count(";") > 1] == []


@pytest.mark.parametrize(
    ("template", "names"),
    [
        ("public/base.html", ["site"]),
        ("public/embed/base.html", ["site", "charts"]),
        ("admin/base_site.html", ["admin"]),
    ],
)
def test_page_loads_the_tokens_before_its_stylesheets(template, names):
    text = (ROOT / "templates" / template).read_text("utf-8")

    assert re.findall(r"psf/(\w+)\.css", text) == ["tokens", *names]


def test_pages_with_charts_load_their_stylesheet():
    texts = [path.read_text("utf-8") for path in (ROOT / "templates/public").rglob("[!_]*.html")]
    pages = [text for text in texts if 'import "_charts.html"' in text and "embed/base" not in text]
    assert pages
    assert [text for text in pages if "psf/charts.css" not in text] == []


def test_every_class_in_a_component_has_a_rule():
    styled = set(re.findall(r"\.([a-z][\w-]*)", PUBLIC))
    for template in COMPONENTS:
        text = re.sub(r"\{#.*?#\}|\{\{.*?\}\}|\{%.*?%\}", COMPUTED, template.read_text("utf-8"))
        for names in re.findall(r'class="([^"]*)"', text):
            written = {name.strip(COMPUTED) for name in names.split()} - {""}
            assert {name for name in written if COMPUTED not in name and name[-1] != "-"} <= styled


def test_every_own_class_of_staff_pages_has_a_rule():
    rules = set(re.findall(r"\.(psf-[\w-]+)", STYLESHEETS["admin"]))
    text = " ".join(path.read_text("utf-8") for path in TEMPLATES)

    assert set(re.findall(r"(?<![\w-])psf-[a-z][\w-]*\w", text)) <= rules


def words_of_the_project() -> set[str]:
    """Every word in templates and code that may be a class of CSS."""
    paths = [*TEMPLATES, *(ROOT / "psf/static/psf").glob("*.js")]
    for app in ["psf", "partners", "projects"]:
        paths += (ROOT / app).rglob("*.py")
    return set(re.findall(r"[\w-]+", " ".join(path.read_text("utf-8") for path in paths)))


@pytest.mark.parametrize(("name", "prefix"), [("site", ""), ("charts", ""), ("admin", "psf-")])
def test_every_styled_class_is_used(name, prefix):
    css = without_comments(STYLESHEETS[name])
    selectors = " ".join(re.findall(r"[^{};]+(?=\{)", css))
    classes = set(re.findall(rf"\.({prefix}[a-z][\w-]*)", selectors))
    words = words_of_the_project()
    # Templates compute the text after "--": "map__land--{{ step }}".
    unused = {word for word in classes if not {word, word.partition("--")[0] + "--"} & words}

    assert unused == set()


def test_stylesheets_are_small_and_fetch_only_the_typeface():
    on_every_page = STYLESHEETS["tokens"] + STYLESHEETS["site"]
    assert len(gzip.compress(on_every_page.encode())) <= 10_500
    assert len(gzip.compress(STYLESHEETS["charts"].encode())) <= 3_700
    for css in STYLESHEETS.values():
        assert {*re.findall(r"url\(\"(.*?)\"\)", css)} == {
            f"fonts/{path.name}" for path in FONTS.glob("*.woff2") if css == STYLESHEETS["tokens"]
        }
        assert "@import" not in css


def test_typeface_is_light_and_has_the_letters_of_the_region():
    letters = {path.stem: set(TTFont(path).getBestCmap()) for path in FONTS.glob("*.woff2")}
    baltic = "Liepājas pašvaldība, Žemaitija, Įmonė, Łódź, Tromsø, Försvarshögskolan ģķļņ ąęėįų"

    assert sum((FONTS / f"latin-{cut}.woff2").stat().st_size for cut in (400, 600)) <= 30_000
    for cut in (400, 600):
        assert set(map(ord, baltic + "–—“”„’·€")) <= letters[f"latin-{cut}"]
        assert set(map(ord, "РоссияУкраїнаБеларусьЎўІґё")) <= letters[f"cyrillic-{cut}"]
        # Loaded only where a title has such letters.
        assert min(letters[f"cyrillic-{cut}"] - {0x2116}) >= 0x400
    assert "Reserved Font Name" in (FONTS / "LICENSE").read_text("utf-8")


def test_every_table_begins_with_its_caption():
    nameless = re.compile(r"<table(?![^>]*aria-label)[^>]*>(?!\s*(\{[{%].*?[%}]\}\s*)*<caption)")
    assert [path.name for path in TEMPLATES if nameless.search(path.read_text("utf-8"))] == []


def test_the_template_pack_alone_has_markup_of_fields():
    folder = ROOT / "templates"
    with_markup = {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*.html")
        if re.search(r"<(input|select|textarea|label)\b", path.read_text())
    }
    with_markup = {name for name in with_markup if not name.startswith("forms/")}
    assert with_markup == WITH_FIELD_MARKUP
