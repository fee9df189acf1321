"""The stages of a call. The links to the pages of a call are grouped by stage."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class CallStage(models.TextChoices):
    """The stages of the work of staff on a call, in their order."""

    PREPARATION = "preparation", _("Prepare and fill")
    ASSESSMENT = "assessment", _("Check and assess")
    DECISION = "decision", _("Decide and inform")
    PUBLICATION = "publication", _("Publish")
    POST_AWARD = "post_award", _("Manage the awards")
