"""What the one stylesheet and the templates must keep: contrast, weight, no inline style."""

import gzip
import re
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
STYLESHEET = ROOT / "psf/static/psf/site.css"
CSS = STYLESHEET.read_text("utf-8")
TOKENS = {
    name: {"light": light, "dark": dark}
    for name, light, dark in re.findall(
        r"--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);", CSS
    )
}
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
COMPONENTS = [
    *(ROOT / "templates/public").rglob("*.html"),
    *(ROOT / "templates/forms").rglob("*.html"),
]
COMPUTED = "…"  # stands for what a template works out

TEXT, MARK = 4.5, 3.0
# What stands on what, and how far apart the two must be.
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
    # The words of a button, of the skip link and of the preview banner.
    ("paper", "ink", TEXT),
    ("paper", "link", TEXT),
    ("paper", "accent", TEXT),
    ("on-deep", "deep", TEXT),
    ("on-deep-quiet", "deep", TEXT),
    *[(f"on-land-{step}", f"land-{step}", TEXT) for step in range(5)],
    # Borders of controls, the focus ring, marks of the map.
    ("control", "paper", MARK),
    ("control", "panel", MARK),
    ("accent", "paper", MARK),
    ("accent", "panel", MARK),
    ("accent-on-deep", "deep", MARK),
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
def test_what_stands_on_something_can_be_told_from_it(front, back, least, theme):
    assert contrast(TOKENS[front][theme], TOKENS[back][theme]) >= least


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_shades_of_the_map_are_ordered_for_eyes_that_see_no_colour(theme):
    shades = [luminance(TOKENS[f"land-{step}"][theme]) for step in range(5)]

    assert shades == sorted(shades, reverse=theme == "light")
    assert len(set(shades)) == 5


def test_every_colour_is_a_token_with_two_themes():
    rules = CSS.partition("@layer base {")[2].partition("@layer print")[0]

    assert re.findall(r"#[0-9a-f]{3,8}\b|rgb\(|hsl\(", rules) == []


def test_every_token_is_used_and_every_used_token_exists():
    defined = set(re.findall(r"^ +(--[\w-]+):", CSS, re.MULTILINE))
    used = set(re.findall(r"var\((--[\w-]+)", CSS))

    assert used == defined


def test_every_class_in_a_component_has_a_rule():
    styled = set(re.findall(r"\.([a-z][\w-]*)", CSS))
    for template in COMPONENTS:
        text = re.sub(r"\{#.*?#\}|\{\{.*?\}\}|\{%.*?%\}", COMPUTED, template.read_text("utf-8"))
        for names in re.findall(r'class="([^"]*)"', text):
            written = {name.strip(COMPUTED) for name in names.split()} - {""}
            assert {name for name in written if COMPUTED not in name and name[-1] != "-"} <= styled


def test_the_stylesheet_is_small_and_fetches_nothing():
    assert len(gzip.compress(STYLESHEET.read_bytes())) <= 10_000
    assert "url(" not in CSS
    assert "@import" not in CSS


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_templates_keep_to_the_content_policy(template):
    text = template.read_text("utf-8")

    assert not re.search(r"\sstyle=|<style|\son[a-z]+=|javascript:", text)
    assert not re.search(r"<script(?! src=| type=\"application/ld\+json\")", text)
    assert not re.search(r"(src|href)=\"(https?:)?//", text)
