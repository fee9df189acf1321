"""The stages of a call, by which the links to its pages are grouped."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class CallStage(models.TextChoices):
    """What staff do with a call, in the order in which they do it."""

    PREPARATION = "preparation", _("Prepare and fill")
    ASSESSMENT = "assessment", _("Check and assess")
    DECISION = "decision", _("Decide and inform")
    PUBLICATION = "publication", _("Publish")
    POST_AWARD = "post_award", _("Manage the awards")
