"""What the index holds of a transcript beside its words: tokens that filters look for.

They are in large letters where words are in small ones, so that neither is taken for the other:
``ANY ACCOUNT7 LANGUAGEPT LANGUAGEPTBR SPEAKERana SPEAKERsilva``.
"""

import re
from collections.abc import Iterable

from transcripts.models import Transcript
from transcripts.overlays import Stored
from transcripts.tokens import token_column

ANY = "ANY"  # every transcript has it: something to leave the others out of
BETWEEN = " x "  # between two names; no token of a name is written so
MOST_SPEAKERS = 200

_NO_LETTER = re.compile(r"[^a-z0-9]")


def facts_of(transcript: Transcript, speakers: str) -> str:
    """All facts of a transcript; ``speakers`` as ``speakers_of`` gives them."""
    names = sorted(set(speakers.replace(BETWEEN, " ").split()))
    languages = _languages(transcript.language)
    return " ".join([ANY, account_fact(transcript.account_id), *languages, *map(speaker_fact, names)])


def speakers_of(utterances: Iterable[Stored]) -> str:
    """The tokens of everybody's name, in the order of their first words."""
    names = list(dict.fromkeys(each["speaker"] for each in utterances if each["speaker"]))[:MOST_SPEAKERS]
    return BETWEEN.join(filter(None, (token_column([name]) for name in names)))


def account_fact(account_id: int) -> str:
    """Of every transcript of an account."""
    return f"ACCOUNT{account_id}"


def speaker_fact(token: str) -> str:
    """Of a transcript in which somebody's name has this token, encoded as in the index."""
    return f"SPEAKER{token}"


def language_fact(language: str) -> str:
    """Of a transcript in this language: "pt-BR" is found as itself and as "pt"."""
    return f"LANGUAGE{_NO_LETTER.sub('', language.lower()).upper()}"


def _languages(language: str) -> list[str]:
    if not _NO_LETTER.sub("", language.lower()):
        return []
    main = re.split(r"[-_]", language)[0]
    return list(dict.fromkeys([language_fact(main), language_fact(language)]))
