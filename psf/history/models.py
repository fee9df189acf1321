from typing import Any, NamedTuple

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Channel(models.TextChoices):
    """The way by which changes came in."""

    FORM = "form", _("form")
    ACTION = "action", _("list of records")
    STEP = "step", _("step of an application")
    ASSESSMENT = "assessment", _("assessment")
    DECISION = "decision", _("decision of the committee")
    LETTERS = "letters", _("letters")
    FOLLOWING = "following", _("agreement and money")
    EARLIER_CALL = "earlier_call", _("copy of an earlier call")
    PUBLICATION = "publication", _("publication")
    IMPORT = "import", _("import")
    ANNOUNCEMENT = "announcement", _("announcement reader")
    MERGE = "merge", _("merge of organisations")
    COMMAND = "command", _("command")
    RESTORE = "restore", _("restoring a state")
    UNDO = "undo", _("undoing changes")
    UNKNOWN = "unknown", _("straight in the database")


class Elsewhere(NamedTuple):
    """Why the history leaves something to another page, in a sentence, and where that is."""

    sentence: str
    url: str = ""


class Action(models.TextChoices):
    """What happened to a row."""

    ADDED = "+", _("added")
    CHANGED = "~", _("changed")
    DELETED = "-", _("deleted")


class ChangeSet(models.Model):
    """Changes that were made together: one form saved, one import, one merge.

    Opened by `psf.history.recording.by()`. What is changed outside any gets one whose door is
    unknown: a set for each transaction, or on SQLite for what comes within a second.
    """

    made_at = models.DateTimeField(_("when"), default=timezone.now, db_index=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("account"),
    )
    who = models.CharField(
        _("who"),
        max_length=150,
        blank=True,
        help_text=_("The name at that time, which stays when the account is deleted."),
    )
    door = models.CharField(_("how it came in"), max_length=12, choices=Channel.choices)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    undoes = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        related_name="undone_by",
        verbose_name=_("undoes"),
    )

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("set of changes")
        verbose_name_plural = _("recent changes")
        permissions = [("undo_changeset", _("Can undo a set of changes"))]

    def __str__(self) -> str:
        return str(_("Changes no. %(number)s") % {"number": self.pk})

    def teller(self) -> str:
        """Who made the changes, or the way they came in where that is not known."""
        return self.who or self.get_door_display()


class Change(models.Model):
    """What happened to one row of one table, written by the database itself.

    `kind` and `key` name the row, such as projects.partnership and 7; `record_kind` and
    `record_key` the record to which it belongs, such as projects.project and 3. `before` and
    `after` are columns with their values: the whole row where it was added or deleted, else
    the columns that changed.
    """

    change_set = models.ForeignKey(ChangeSet, on_delete=models.CASCADE, related_name="changes")
    kind = models.CharField(max_length=100)
    key = models.CharField(max_length=50)
    record_kind = models.CharField(max_length=100)
    record_key = models.CharField(max_length=50)
    action = models.CharField(max_length=1, choices=Action.choices)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("change")
        verbose_name_plural = _("changes")
        indexes = [
            models.Index(fields=["record_kind", "record_key"], name="change_of_record"),
            models.Index(fields=["kind", "key"], name="change_of_row"),
            models.Index(
                fields=["kind"], condition=Q(action=Action.DELETED), name="change_deletes"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.kind} {self.key}"

    def old(self) -> dict[str, Any]:
        """What was before, as it is kept; {} where the row was added."""
        return self.before or {}

    def new(self) -> dict[str, Any]:
        """What is since, as it is kept; {} where the row was deleted."""
        return self.after or {}
