"""The stages of a call, in their order."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class CallStage(models.TextChoices):
    """The stages of the work of staff on a call, in their order."""

    PREPARE = "prepare", _("Prepare")
    OPEN = "open", _("Open")
    CHECK = "check", _("Check")
    ASSESS = "assess", _("Assess")
    DECIDE = "decide", _("Decide")
    INFORM = "inform", _("Inform")
    PUBLISH = "publish", _("Publish")
    FOLLOW = "follow", _("Follow")
    CLOSE = "close", _("Close")
