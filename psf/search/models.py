from django.db import models


class SearchNote(models.Model):
    """A note that a text of a record changed, in the record itself or in a part.

    The trigger on the history writes it in the transaction of the change. Which documents have the
    text is asked when they are written, and the note is then deleted.
    """

    kind = models.CharField(max_length=100)
    record = models.CharField(max_length=50)

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
