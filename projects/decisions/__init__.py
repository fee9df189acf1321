"""The committee's decision on a call: draft, apply, reverse and the reserve list."""

from projects.decisions.apply import apply, fund_from_reserve, next_on_reserve, reverse
from projects.decisions.blockers import decision_blockers
from projects.decisions.correct import correct_reason
from projects.decisions.draft import Draft, DraftLine, DraftRow, load_draft, save_draft

__all__ = [
    "Draft",
    "DraftLine",
    "DraftRow",
    "apply",
    "correct_reason",
    "decision_blockers",
    "fund_from_reserve",
    "load_draft",
    "next_on_reserve",
    "reverse",
    "save_draft",
]
