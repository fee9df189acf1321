from typing import NamedTuple

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from psf.database.fields import account_field


class Channel(models.TextChoices):
    """The way in which a change was made."""

    FORM = "form", _("form")
    ACTION = "action", _("list of records")  # only in older sets
    STATUS = "status", _("change of status")
    ASSESSMENT = "assessment", _("assessment")
    DECISION = "decision", _("decision of the committee")
    LETTERS = "letters", _("letters")
    AWARD = "award", _("agreement and payments")
    EARLIER_CALL = "earlier_call", _("copy of an earlier call")
    PUBLICATION = "publication", _("publication")
    IMPORT = "import", _("import")
    ANNOUNCEMENT = "announcement", _("announcement reader")
    MERGE = "merge", _("merge of organisations")
    COMMAND = "command", _("command")
    RESTORE = "restore", _("restoring a state")
    UNDO = "undo", _("undoing changes")
    UNKNOWN = "unknown", _("directly in the database")


class UndoBlocker(NamedTuple):
    """Why a set cannot be undone, and the address of the page that the sentence names."""

    sentence: str
    url: str = ""


class Action(models.TextChoices):
    """The kind of change of a row."""

    ADDED = "+", _("added")
    CHANGED = "~", _("changed")
    DELETED = "-", _("deleted")


class ChangeSet(models.Model):
    """Changes made together, such as by one form, one import or one merge.

    `psf.history.recording.change_set()` opens a set. Changes outside a set get a set with an
    unknown channel: one for each transaction, or on SQLite one for the changes of a second.
    """

    made_at = models.DateTimeField(_("when"), default=timezone.now, db_index=True)
    user = account_field(_("account"))
    who = models.CharField(
        _("who"),
        max_length=150,
        blank=True,
        help_text=_("The name at that time, which stays when the account is deleted."),
    )
    channel = models.CharField(_("channel"), max_length=12, choices=Channel.choices)
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

    def author(self) -> str:
        """Return the name of the account, or the channel if no account is known."""
        return self.who or self.get_channel_display()


class Change(models.Model):
    """A change of one row of one table, written by a database trigger.

    `kind` and `key` name the row, such as projects.partnership and 7. `record_kind` and
    `record_key` name the record of the row, such as projects.project and 3. `before` and `after`
    map columns to values: the whole row if added or deleted, otherwise the changed columns.
    """

    change_set = models.ForeignKey(
        ChangeSet, on_delete=models.CASCADE, related_name="changes", db_index=False
    )
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
            # The records of a set, counted without reading the changes.
            models.Index(fields=["change_set", "record_kind", "record_key"], name="change_of_set"),
            models.Index(fields=["kind", "key"], name="change_of_row"),
            models.Index(
                fields=["kind"], condition=Q(action=Action.DELETED), name="change_deletes"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.kind} {self.key}"

    def old(self) -> dict[str, object]:
        """Return the stored values before the change; {} for an added row."""
        return self.before or {}

    def new(self) -> dict[str, object]:
        """Return the stored values after the change; {} for a deleted row."""
        return self.after or {}
