"""The committee's decision on a call: draft, apply, reverse and the reserve list."""

from projects.decisions.apply import apply, hindrances, move_up, next_on_reserve, reverse
from projects.decisions.draft import Draft, Line, Row, draft_of, prepare

__all__ = [
    "Draft",
    "Line",
    "Row",
    "apply",
    "draft_of",
    "hindrances",
    "move_up",
    "next_on_reserve",
    "prepare",
    "reverse",
]
