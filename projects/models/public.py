"""The one rule of what readers may see of projects, as SQL.

A project is public from its `published_at` on, if its call is public too and it was not taken
back. From when on that is, the database writes beside each project (`projects.models.listings`),
so that asking costs one join and not two conditions on wide rows.
"""

from django.db.models import Q
from django.utils import timezone

from psf.prepared import Moment

# Of the tables `project` and `call`: the moment from which on anyone may see the project, or NULL.
SINCE_SQL = """
CASE
    WHEN project.unpublished_at IS NOT NULL THEN NULL
    WHEN project.published_at >= call.published_at THEN project.published_at
    WHEN project.published_at < call.published_at THEN call.published_at
END
"""


def is_public(at: Moment = None, through: str = "listing__") -> Q:
    """What anyone may see of a project at this moment (`at`, or now), by what the database keeps.

    `through` leads from the rows to their listing, as "listed__" from the parts.
    """
    return Q(**{f"{through}since__lte": at or timezone.now()})
