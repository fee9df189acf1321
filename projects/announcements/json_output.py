"""The parsed text as JSON for other programs."""

from collections.abc import Iterable
from datetime import time
from typing import Any

from projects.announcements.parsed_text import ParsedCall, ParsedProject, ParsedText
from psf.exports.json_text import json_text

CALL = ["heading", "received", "eligible", "funded", "ceiling_eur", "decided_by", "deadline"]
CALL += ["deadline_time", "priorities", "paragraphs", "flags"]
PROJECT = ["title", "years", "priorities", "headline", "paragraphs", "flags"]
FLAG = ["kind", "line", "sentence", "countries", "suggestions"]


def parsed_as_json(reading: ParsedText) -> str:
    """Countries as ISO codes, amounts in EUR, days as YYYY-MM-DD; null if not stated."""
    parsed = {
        "calls": [_values_of(call, CALL) for call in reading.calls],
        "projects": [
            _project(call, project) for call in reading.calls for project in call.projects
        ],
        "not_understood": [
            {"line": line.number, "text": line.text} for line in reading.not_understood()
        ],
        "lines": [
            {"line": line.number, "kind": line.kind, "project": line.project}
            for line in reading.lines
        ],
    }
    return json_text(parsed, indent=2)


def _project(call: ParsedCall, project: ParsedProject) -> dict[str, Any]:
    return {
        "call": call.heading,
        **_values_of(project, PROJECT),
        "lead": _values_of(project.lead, ["name", "country"]),
        "grant": project.grant and _values_of(project.grant, ["kind", "amount_eur"]),
        "announced_countries": project.announced,
        "partners": [
            _values_of(row, ["country", "name", "line", "as_published"]) for row in project.rows
        ],
    }


def _values_of(part: object, names: Iterable[str]) -> dict[str, Any]:
    return {name: _plain(name, getattr(part, name)) for name in names}


def _plain(name: str, value: Any) -> object:
    """A value that `json_text()` writes as agreed."""
    if name == "flags":
        return [_values_of(flag, FLAG) for flag in value]
    return value.isoformat("minutes") if isinstance(value, time) else value
