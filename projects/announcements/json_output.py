"""The parsed text as JSON for other programs."""

from decimal import Decimal
from typing import Any

from projects.announcements.parsed import Flag, ParsedCall, ParsedProject, ParsedText


def parsed_as_json(reading: ParsedText) -> dict[str, Any]:
    """Countries as ISO codes, amounts in EUR, days as YYYY-MM-DD; null if not stated."""
    return {
        "calls": [_call(call) for call in reading.calls],
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


def _call(call: ParsedCall) -> dict[str, Any]:
    return {
        "heading": call.heading,
        "received": call.received,
        "eligible": call.eligible,
        "funded": call.funded,
        "ceiling_eur": _number(call.ceiling_eur),
        "decided_by": call.decided_by,
        "deadline": call.deadline.isoformat() if call.deadline else None,
        "deadline_time": call.deadline_time.isoformat("minutes") if call.deadline_time else None,
        "priorities": call.priorities,
        "paragraphs": call.paragraphs,
        "flags": [_flag(flag) for flag in call.flags],
    }


def _number(amount: Decimal | None) -> int | float | None:
    if amount is None:
        return None
    return int(amount) if amount == amount.to_integral_value() else float(amount)


def _project(call: ParsedCall, project: ParsedProject) -> dict[str, Any]:
    return {
        "call": call.heading,
        "title": project.title,
        "years": project.years,
        "priorities": project.priorities,
        "lead": {"name": project.lead.name, "country": project.lead.country},
        "headline": project.headline,
        "grant": project.grant
        and {
            "kind": project.grant.kind,
            "amount_eur": _number(project.grant.amount_eur),
        },
        "announced_countries": project.announced,
        "partners": [
            {
                "country": row.country,
                "name": row.name,
                "line": row.line,
                "as_published": row.as_published,
            }
            for row in project.rows
        ],
        "paragraphs": project.paragraphs,
        "flags": [_flag(flag) for flag in project.flags],
    }


def _flag(flag: Flag) -> dict[str, Any]:
    return {
        "kind": flag.kind,
        "line": flag.line,
        "sentence": flag.sentence,
        "countries": list(flag.countries),
        "suggestions": list(flag.suggestions),
    }
