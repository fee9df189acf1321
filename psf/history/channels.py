from django.db import models
from django.utils.translation import gettext_lazy as _


class Channel(models.TextChoices):
    """The way in which a change was made. Stored values keep former names."""

    FORM = "form", _("form")
    ACTION = "action", _("list of records")
    STATUS = "step", _("change of status")
    ASSESSMENT = "assessment", _("assessment")
    DECISION = "decision", _("decision of the committee")
    LETTERS = "letters", _("letters")
    POST_AWARD = "following", _("agreement and payments")
    EARLIER_CALL = "earlier_call", _("copy of an earlier call")
    PUBLICATION = "publication", _("publication")
    IMPORT = "import", _("import")
    ANNOUNCEMENT = "announcement", _("announcement reader")
    MERGE = "merge", _("merge of organisations")
    COMMAND = "command", _("command")
    RESTORE = "restore", _("restoring a state")
    UNDO = "undo", _("undoing changes")
    UNKNOWN = "unknown", _("directly in the database")
