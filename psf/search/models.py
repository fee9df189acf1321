from django.db import models


class SearchNote(models.Model):
    """A note that the document of a record is stale.

    Triggers write the note with every change; see `psf.search.triggers`. Writing the document
    deletes the note.
    """

    kind = models.CharField(max_length=10)
    record = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["kind", "record"], name="search_note_record")]

    def __str__(self) -> str:
        return f"{self.kind} {self.record}"


class SearchWord(models.Model):
    """A word of the documents, for suggestions.

    A word that no document contains any more stays until the indexes are rebuilt.
    """

    word = models.CharField(max_length=40, db_index=True)

    def __str__(self) -> str:
        return self.word
