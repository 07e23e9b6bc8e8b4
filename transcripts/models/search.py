"""What search knows of a transcript besides its words, and of its own index."""

from django.db import models

from recordings.models import Account
from transcripts.models.transcripts import Transcript


class SearchEntry(models.Model):
    """One transcript in the index of words.

    ``transcript`` is protected: words leave the index before they leave the database.
    """

    place = models.BigAutoField(
        primary_key=True,
        help_text="Seconds of its time, made unique: the order of results, and its row in SQLite's index.",
    )
    transcript = models.OneToOneField(Transcript, on_delete=models.PROTECT, related_name="search_entry")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+", db_index=False)
    sort_at = models.DateTimeField()
    facts = models.TextField(help_text="What filters look for, as tokens in large letters.")
    speakers = models.TextField(blank=True, help_text="Tokens of the names, an x between two names.")
    tokens = models.TextField(blank=True, help_text="PostgreSQL only: SQLite's index needs no copy.")
    checksum = models.BigIntegerField(help_text="Of the tokens: only the very same can be taken out.")
    is_overlaid = models.BooleanField(default=False, help_text="People named speakers or corrected lines.")

    def __str__(self) -> str:
        return f"{self.transcript_id} at {self.place}"


class SearchIndex(models.Model):
    """The one row about the index as a whole."""

    version = models.CharField(max_length=40, help_text="Of the tokenizer that wrote it.")
    erased = models.BigIntegerField(default=0, help_text="Transcripts taken out so far.")
    purged = models.BigIntegerField(
        default=0, help_text="Of these, those whose words are in no file of the index any more."
    )

    def __str__(self) -> str:
        return self.version
