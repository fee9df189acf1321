"""What follows an award: agreement, money, reports, amendments, documents and outputs.

Each act is a service that is all or nothing and raises `ValidationError` in words. Who may do
it is a permission, `projects.follow_project`, asked by the page. What was done by mistake is
undone in the history.
"""

from projects.post_award.transition_rules import hindrances

__all__ = ["hindrances"]
