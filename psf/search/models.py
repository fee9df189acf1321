from django.db import models


class SearchNote(models.Model):
    """A record whose document does not say any more what the record says.

    Written by the database with every change, and deleted by whoever writes the document anew;
    see `psf.search.triggers`.
    """

    kind = models.CharField(max_length=10)
    record = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["kind", "record"], name="search_note_record")]

    def __str__(self) -> str:
        return f"{self.kind} {self.record}"


class SearchWord(models.Model):
    """A word that stands in some document, to tell what somebody may have meant to type.

    A word that is gone from all documents stays until they are made anew.
    """

    word = models.CharField(max_length=40, db_index=True)

    def __str__(self) -> str:
        return self.word
