"""Comparisons of two transcripts: asked for here, made by an errand, kept until a text changes."""

from django.db import transaction

from recordings import clock
from recordings.models import Errand
from recordings.models.work import SINGLE
from recordings.providers.snapshots import Json, Utterance
from recordings.sync.wishes import ask
from recordings.work import errands, wake
from recordings.work.errands import Local, Step
from transcripts import compare, overlays
from transcripts.comparing_rows import rows
from transcripts.exports import words_of
from transcripts.models import Comparison, Transcript

ERRAND = "transcripts.compare"


class CannotCompare(Exception):
    """The message is a sentence for the operator."""


def require_pair(reference: Transcript, other: Transcript) -> None:
    """Raises ``CannotCompare`` for two that cannot be laid side by side."""
    if reference.pk == other.pk:
        raise CannotCompare("Choose two different transcripts.")
    if reference.recording_id is None or reference.recording_id != other.recording_id:
        raise CannotCompare("These two transcripts are not of the same recording.")
    for transcript in (reference, other):
        if transcript.is_buried:
            raise CannotCompare("One of these transcripts was deleted.")
        if not transcript.has_text:
            raise CannotCompare("One of these transcripts has no words here yet.")


def compared(reference: Transcript, other: Transcript, *, is_original: bool = False) -> Comparison:
    """The comparison as it is known: with its ``result`` or ``problem``, or neither while it is made.

    Asks for it where it was never made, or one of the texts has changed since.
    """
    versions = _versions(reference, other, is_original=is_original)
    known = Comparison.objects.filter(reference=reference, other=other, is_original=is_original).first()
    if known is not None and versions == (known.reference_version, known.other_version):
        return known
    return _ask(reference, other, versions, is_original=is_original)


def ask_again(comparison: Comparison) -> Comparison:
    """Make one anew that came to nothing."""
    versions = (comparison.reference_version, comparison.other_version)
    return _ask(comparison.reference, comparison.other, versions, is_original=comparison.is_original)


def erase(transcript: Transcript) -> None:
    """A transcript is deleted for good: nothing that quotes it stays. Joins the caller's transaction."""
    mine = Comparison.objects.filter(reference=transcript) | Comparison.objects.filter(other=transcript)
    mine.delete()


def step(errand: Errand) -> Step:
    """Compare, all at once: half a day of speech takes seconds. Done again, it changes nothing."""
    pairs = Comparison.objects.select_related("reference", "other")
    comparison = pairs.filter(key=errand.subject).first()
    if comparison is None:
        return Step()
    reference, other, is_original = comparison.reference, comparison.other, comparison.is_original
    # The versions first: words that change meanwhile are compared again when somebody looks.
    versions = _versions(reference, other, is_original=is_original)
    result, problem = _result(
        words_of(reference, is_original=is_original), words_of(other, is_original=is_original)
    )

    def write() -> None:
        Comparison.objects.filter(pk=comparison.pk).update(
            result=result,
            problem=problem,
            reference_version=versions[0],
            other_version=versions[1],
            updated_at=clock.now(),
        )

    return Step(write=write)


def give_up(errand: Errand, problem: str) -> None:
    """Its worker died over it time and again."""
    Comparison.objects.filter(key=errand.subject).update(problem=problem, updated_at=clock.now())


def register_all() -> None:
    """Make this errand known to the engine."""
    errands.register(ERRAND, Local(handler=step, on_given_up=give_up))


def _ask(
    reference: Transcript, other: Transcript, versions: tuple[str, str], *, is_original: bool
) -> Comparison:
    with transaction.atomic():
        comparison, _ = Comparison.objects.update_or_create(
            reference=reference,
            other=other,
            is_original=is_original,
            defaults={
                "reference_version": versions[0],
                "other_version": versions[1],
                "result": None,
                "problem": "",
                "asked_at": clock.now(),
            },
        )
        ask(reference.account, ERRAND, subject=str(comparison.key), lane=SINGLE)
        wake()
    return comparison


def _result(reference: tuple[Utterance, ...], other: tuple[Utterance, ...]) -> tuple[Json, str]:
    try:
        found = compare.compare(reference, other)
    except compare.TooLong as exc:
        return None, str(exc)
    result = {
        "words": [len(found.reference), len(found.other)],
        "replaced": found.replaced,
        "inserted": found.inserted,
        "deleted": found.deleted,
        "speakers": dict(found.speakers),
        "speaker_disagreement": found.speaker_disagreement,
        "talk_seconds": [dict(found.reference_talk_seconds), dict(found.other_talk_seconds)],
        "rows": rows(found, reference, other),
    }
    return result, ""


def _versions(reference: Transcript, other: Transcript, *, is_original: bool) -> tuple[str, str]:
    return _version(reference, is_original=is_original), _version(other, is_original=is_original)


def _version(transcript: Transcript, *, is_original: bool) -> str:
    """Equal while the words are."""
    return overlays.version_of(transcript, is_original=is_original)
