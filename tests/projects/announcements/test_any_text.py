"""Properties of the parser for any text: no crash, no loss, no repetition, no invention."""

import html
import json

from hypothesis import example, given, settings, strategies as st

from projects.announcements.json_output import parsed_as_json
from projects.announcements.priorities import LONG_TERM
from psf.text.folding import fold
from tests.projects.announcements import texts
from tests.projects.announcements.texts import OTHER, PLACES, SHOWN, reading_of

LAYOUTS = [
    *[texts.YEAR_2016, texts.YEAR_2018, texts.YEAR_2019, texts.YEAR_2020, texts.YEAR_2021],
    *[texts.YEAR_2023, texts.YEAR_2026, texts.LISTS_ONLY, texts.CONTACTS, texts.MARKUP],
]
LINES = sorted({line for text in LAYOUTS for line in text.splitlines()})
SPACES = [" ", "  ", "\N{NO-BREAK SPACE}", "\t", "\u200b", "\u2028", "\u00ad", ""]
PIECES = st.sampled_from(
    [
        *["Lead partner: ", "Latvia", " (", ")", " in partnership with ", "Project partners:"],
        *["\n", "\n\n", "Estonia: ", " – ", "PSF 2019", "2016-2018 ", "“", "Priority; ", " & "],
        *[", ", "12 eligible", " applications", "up to 65 000 EUR", "a@b.lv", "+371 2000 0000"],
        *["    ", "About the project:", "Call: ", "Title: ", ".", "x", "\N{NO-BREAK SPACE}"],
        *["\u2028", "/", "Led by ", "Contact: ", "<li>", "&amp;", "**", "# ", "Website: "],
        *["Safe and Secure Region", " projects", "[Latvia]", "at 11:59 pm", "31 March"],
    ]
)
strange = st.lists(PIECES | st.text(max_size=5), max_size=40).map("".join)


@st.composite
def changed(draw):
    """A real layout with dropped, swapped, doubled and mixed lines."""
    lines = draw(st.sampled_from(LAYOUTS)).splitlines()
    for _number in range(draw(st.integers(0, 6))):
        at, other = (draw(st.integers(0, max(0, len(lines) - 1))) for _ in range(2))
        match draw(st.sampled_from(["drop", "swap", "double", "mix", "space", "cut"])):
            case "drop":
                del lines[at : at + 1]
            case "swap" if lines:
                lines[at], lines[other] = lines[other], lines[at]
            case "double":
                lines[at:at] = lines[at : at + 1]
            case "mix":
                lines.insert(at, draw(st.sampled_from(LINES)))
            case "space" if lines:
                lines[at] = lines[at].replace(" ", draw(st.sampled_from(SPACES)))
            case "cut" if lines:
                lines[at] = lines[at][: draw(st.integers(0, 60))]
    return draw(st.sampled_from(["\n", "\r\n"])).join(lines)


any_text = (strange | changed()).map(lambda text: text.replace("\0", ""))


def texts_in(found):
    """Return all texts about calls and projects in the parsed text."""
    pieces = [call[field] for call in found["calls"] for field in ["heading", "decided_by"]]
    for project in found["projects"]:
        pieces += [project["title"], project["lead"]["name"], project["headline"]]
        pieces += [row["name"] for row in project["partners"]]
    for record in [*found["calls"], *found["projects"]]:
        pieces += [line for part in record["paragraphs"] for line in part.split("\n")]
    return [piece for piece in pieces if piece]


def folded(text):
    return fold(text.replace("&", " and "))


def words(text):
    return fold(text).split()


@example("\nCall: ")
@example("\nCall: PSF 2019")
@given(any_text)
@settings(max_examples=150, deadline=None)
def test_every_line_has_exactly_one_kind(text):
    reading = reading_of(text)
    found = json.loads(parsed_as_json(reading))
    numbers = [line["line"] for line in found["lines"]]
    assert numbers == list(range(1, len(reading.lines) + 1))
    not_understood = {line["line"]: line["text"] for line in found["not_understood"]}
    stated = set(words(" ".join([*texts_in(found), *not_understood.values()])))
    rows = [row["line"] for project in found["projects"] for row in project["partners"]]
    for line in reading.lines:
        assert (line.kind == "not_understood") == (line.number in not_understood)
        assert (line.kind in ["blank", "left_out"]) == line.is_blank()
        if line.kind in ["paragraph", "call_text", "title", "call"] and line.number > 1:
            label = {"call"} if line.kind == "call" else set()
            assert set(words(line.text)) <= stated | label or line.kind == "title", line
        if line.kind == "partner":
            assert line.number in rows


@example("Priority;  – ")
@given(any_text)
@settings(max_examples=150, deadline=None)
def test_nothing_is_read_that_is_not_in_the_text(text):
    reading = reading_of(text)
    found = json.loads(parsed_as_json(reading))
    lines = [line.text for line in reading.lines]
    for piece in texts_in(found):
        assert any(piece in line for line in lines), piece
    before = text.removeprefix("\ufeff")
    known = set(words(f"{before} {html.unescape(before)} {before.replace('**', '')}"))
    for line in reading.lines:
        assert line.left_out or set(words(line.text)) <= known, line
    whole = f" {folded(' '.join(lines))} "
    for code in codes_in(found):
        assert any(f" {name} " in whole for name in names_of(code)), code
    for record in [*found["calls"], *found["projects"]]:
        for name in record["priorities"]:
            assert f" {folded(name)} " in whole, name
            assert name in LONG_TERM or any(name in line for line in lines), name


def codes_in(found):
    codes = [row["country"] for project in found["projects"] for row in project["partners"]]
    for project in found["projects"]:
        codes += [project["lead"]["country"], *project["announced_countries"]]
    return {code for code in codes if code}


def names_of(code):
    names = [name for known, name in [*SHOWN, *OTHER] if known == code]
    return {
        folded(PLACES.name_of(code)),
        code.lower(),
        *(fold(n.replace("&", " and ")) for n in names),
    }


@given(changed())
@settings(max_examples=60, deadline=None)
def test_text_returned_by_the_draft_is_read_the_same(text):
    """Saving the draft sends its lines again, without personal data."""
    first = reading_of(text)
    again = reading_of("\n".join(line.text for line in first.lines))
    shown = [dict(project, flags=[]) for project in json.loads(parsed_as_json(first))["projects"]]
    assert [
        dict(project, flags=[]) for project in json.loads(parsed_as_json(again))["projects"]
    ] == shown
