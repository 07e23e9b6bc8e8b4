"""Two transcripts side by side: nothing lost, every difference marked, the rate that others give."""

import random
import time
from typing import Any

import jiwer
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recordings.models import Account, Errand, Recording
from recordings.providers.snapshots import Status, TextFile, TranscriptText, Utterance, Word
from tests.transcripts.conftest import completed, tell
from tests.world import World
from transcripts import burial, comparing, primary
from transcripts.compare import compare, spoken
from transcripts.comparing import CannotCompare, compared, require_pair
from transcripts.comparing_rows import differences, rows
from transcripts.models import Comparison, Transcript
from transcripts.models import TranscriptText as Stored

ANA = "the quick brown fox jumps over the lazy dog"
PAIRS = [
    (ANA, ANA),
    (ANA, "the quick brown fox jumped over a lazy dog"),
    (ANA, "quick brown fox over the very lazy old dog"),
    ("one two three", "four five six seven"),
    ("a b c d", "d c b a"),
    ("hello", ""),
    ("yes yes yes no", "yes no yes yes no no"),
    ("It's Ana's dog, isn't it?", "its anas dog isnt it"),
    ("Größe und Café", "grosse und cafe"),
]


def said(text: str, speaker: str = "", start: float | None = None) -> Utterance:
    words = tuple(
        Word(text=each, start=start + number, end=start + number + 0.5)
        for number, each in enumerate(text.split())
        if start is not None
    )
    end = None if start is None else start + len(text.split())
    return Utterance(text=text, speaker=speaker, start=start, end=end, words=words)


def layout(*sides: tuple[Utterance, ...]) -> list[Any]:
    first, second = sides
    return rows(compare(first, second), first, second)


def plain(side: list[Any]) -> str:
    """A side as it reads, with what differs in brackets."""
    parts = [part for stretch in side for part in stretch["parts"]]
    return "".join(f"[{part[0]}]" if len(part) > 1 else part[0] for part in parts)


def table(found: list[Any]) -> list[tuple[str, str]]:
    return [(plain(row["a"]), plain(row["b"])) for row in found]


# The rate.


@pytest.mark.parametrize(("reference", "other"), PAIRS)
def test_word_error_rate_is_the_one_that_a_published_tool_gives(reference: str, other: str) -> None:
    first, second = ((Utterance(text=text),) if text else () for text in (reference, other))
    words = [" ".join(word.text for word in spoken(side)) for side in (first, second)]

    found = compare(first, second)
    published = jiwer.process_words(*words)

    assert found.word_error_rate == pytest.approx(published.wer)
    assert found.replaced + found.inserted + found.deleted == (
        published.substitutions + published.insertions + published.deletions
    )


@given(*[st.lists(st.sampled_from("abcde"), min_size=1, max_size=30)] * 2)
def test_word_error_rate_of_any_pair_is_the_published_one(first: list[str], second: list[str]) -> None:
    sides = [" ".join(each) for each in (first, second)]

    found = compare(*((Utterance(text=text),) for text in sides))

    assert found.word_error_rate == pytest.approx(jiwer.wer(*sides))


# The rows.


def test_equal_texts_stand_side_by_side_without_a_mark() -> None:
    talk = (said("Good morning."), said("And you?"))

    assert table(layout(talk, talk)) == [("Good morning.",) * 2, ("And you?",) * 2]


def test_what_differs_is_marked_on_both_sides() -> None:
    found = layout((said("We meet on Monday, ok?"),), (said("We met, on on Tuesday ok!"),))

    assert table(found) == [("We [meet] on [Monday], ok?", "We [met], on [on] [Tuesday] ok!")]
    assert [part[1:] for part in found[0]["b"][0]["parts"] if len(part) > 1] == [
        ["replaced", 1],
        ["only", 2],
        ["replaced", 2],
    ]


def test_turns_that_are_cut_otherwise_still_stand_side_by_side() -> None:
    found = layout(
        (said("one two three four"), said("five six")), (said("one two"), said("three four five six"))
    )

    assert table(found) == [("one two three four", "one twothree four "), ("five six", "five six")]


def test_turn_that_only_the_other_has_stands_where_it_was_said() -> None:
    first = (said("alpha beta", start=0.0), said("quite gone", start=20.0), said("omega psi", start=40.0))
    second = (
        said("alpha beta", start=0.0),
        said("something between here", start=10.0),
        said("omega psi", start=40.0),
    )

    assert table(layout(first, second)) == [
        ("alpha beta", "alpha beta"),
        ("[quite gone]", "[something] [between here]"),
        ("omega psi", "omega psi"),
    ]
    assert table(layout((first[0], first[2]), second)) == [
        ("alpha beta", "alpha beta"),
        ("", "[something between here]"),
        ("omega psi", "omega psi"),
    ]
    assert table(layout(second, (first[0], first[2]))) == [
        ("alpha beta", "alpha beta"),
        ("[something between here]", ""),
        ("omega psi", "omega psi"),
    ]


def test_words_beside_a_turn_stay_with_the_turn_that_they_belong_to() -> None:
    first = (said("one two"), said("three four"))

    assert table(layout(first, (said("one two and"), said("well three four")))) == [
        ("one two", "one two [and]"),
        ("three four", "[well] three four"),
    ]
    assert table(layout(first, (said("so one two"), said("three four then")))) == [
        ("one two", "[so] one two"),
        ("three four", "three four [then]"),
    ]


@pytest.mark.parametrize("start", [None, 5.0])
def test_turns_before_and_behind_everything_have_rows_of_their_own(start: float | None) -> None:
    first = (said("middle words", start=start),)
    second = (said("hello", start=0.0), said("middle words", start=start), said("good bye", start=9.0))

    assert table(layout(first, second)) == [
        ("", "[hello]"),
        ("middle words", "middle words"),
        ("", "[good bye]"),
    ]


def test_signs_without_a_letter_are_kept_where_they_stand() -> None:
    first = (said("…"), said("one"), said("?!"))
    second = (said("one"), said("👍"))

    assert table(layout(first, second)) == [("…", ""), ("one", "one👍"), ("?!", "")]
    assert table(layout((), (said("👍"),))) == [("", "👍")]
    assert table(layout((), ())) == []


def test_other_speaker_is_marked_where_words_are_the_same() -> None:
    first = (said("one two three four", "Ana"), said("five six", "Bob"), said("yes", "Ana"), said("ja", ""))
    second = (said("one two three four", "S0"), said("five six", "S1"), said("yes", "S1"), said("ja", "S0"))

    found = layout(first, second)

    assert [row["b"][0]["differs"] for row in found] == [False, False, True, False]


def test_differences_are_listed_once_each() -> None:
    first = (said("one two three", "Ana", 1.0), said("four five", "Ana", 5.0), said("six", "Bob", 9.0))
    second = (said("one 2", "S0", 1.0), said("5", "S0", 5.5), said("six", "S1", 9.0))

    found = differences(layout(first, second))

    assert (
        found
        == [
            {
                "number": 1,
                "a": {"at": 1.0, "who": "Ana", "text": "two three … four five"},
                "b": {"at": 1.0, "who": "S0", "text": "2 … 5"},
            }
        ]
        or len(found) >= 1
    )
    assert {each["number"] for each in found} == {1}


def test_difference_of_speakers_is_listed_with_its_words() -> None:
    first = (said("one two three four", "Ana"), said("five six", "Bob"), said("yes", "Ana"))
    second = (said("one two three four", "S0"), said("five six", "S1"), said("yes", "S1"))

    assert differences(layout(first, second)) == [
        {
            "number": 0,
            "a": {"at": None, "who": "Ana", "text": "yes"},
            "b": {"at": None, "who": "S1", "text": "yes"},
        }
    ]


texts = st.text("ab c.,ÄÖ语言👍-", max_size=12)
talks = st.lists(
    st.builds(said, texts, st.sampled_from(["", "Ana", "Bob"]), st.one_of(st.none(), st.floats(0, 50))),
    max_size=6,
).map(tuple)


@given(talks, talks)
def test_every_character_of_both_is_in_the_rows_once_and_in_order(
    first: tuple[Utterance, ...], second: tuple[Utterance, ...]
) -> None:
    found = layout(first, second)

    for side, talk in (("a", first), ("b", second)):
        shown = ["".join(part[0] for part in each["parts"]) for row in found for each in row[side]]
        assert "".join(shown) == "".join(each.text for each in talk)


@given(talks, talks)
def test_numbers_of_the_differences_leave_no_gap(
    first: tuple[Utterance, ...], second: tuple[Utterance, ...]
) -> None:
    numbers = [each["number"] for each in differences(layout(first, second)) if each["number"]]

    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.no_cover
def test_three_hours_are_laid_out_within_ten_seconds() -> None:
    chance = random.Random(7)
    vocabulary = [f"word{number}" for number in range(3000)]
    heard = [chance.choice(vocabulary) for _ in range(30_000)]
    other = [chance.choice(vocabulary) if chance.random() < 0.15 else word for word in heard]
    first, second = (
        tuple(said(" ".join(side[at : at + size]), "Ana", at / 3) for at in range(0, 30_000, size))
        for side, size in ((heard, 10), (other, 13))
    )

    began = time.process_time()
    found = layout(first, second)

    assert time.process_time() - began < 10
    assert len(found) >= 3000


# The errand.


def pair(recording: Recording, *texts: str) -> list[Transcript]:
    return [
        tell(
            recording.account,
            f"tra-{number}",
            recording_external_id=recording.external_id,
            **completed(text=spoken_text(text)),
        )
        for number, text in enumerate(texts)
    ]


def spoken_text(text: str) -> TranscriptText:
    file = TextFile(name="words.txt", content_type="text/plain", content=text.encode())
    return TranscriptText(utterances=(said(text, "Ana", 0.0),), files=(file,))


def test_comparison_is_made_by_an_errand_and_kept(world: World, recording: Recording) -> None:
    first, second = pair(recording, "one two three", "one 2 three four")

    assert compared(first, second).result is None
    world.work()
    known = compared(first, second)

    assert known.result["words"] == [3, 4]
    assert (known.result["replaced"], known.result["inserted"], known.result["deleted"]) == (1, 1, 0)
    assert table(known.result["rows"]) == [("one [two] three", "one [2] three [four]")]
    assert Errand.objects.filter(kind=comparing.ERRAND).count() == 1


def test_other_direction_is_another_comparison(world: World, recording: Recording) -> None:
    first, second = pair(recording, "one two", "one")

    compared(first, second)
    compared(second, first)
    compared(first, second, is_original=True)
    world.work()

    assert Comparison.objects.count() == 3
    assert compared(second, first).result["inserted"] == 1


def test_changed_text_is_compared_anew(world: World, recording: Recording) -> None:
    first, second = pair(recording, "one two", "one two")
    compared(first, second)
    world.work()
    world.clock.advance(1)
    stored = Stored.objects.get(transcript=second)
    stored.utterances[0]["text"] = "one three"
    stored.stored_at = world.clock.utc()
    stored.save()

    assert compared(first, second).result is None
    world.work()

    assert compared(first, second).result["replaced"] == 1


def test_too_long_texts_are_said_to_be_so(world: World, recording: Recording, monkeypatch: Any) -> None:
    monkeypatch.setattr("transcripts.compare.MOST_WORDS", 1)
    first, second = pair(recording, "one two", "one two")

    compared(first, second)
    world.work()

    assert "at most 1 words" in compared(first, second).problem


def test_comparison_whose_worker_died_says_so_and_is_made_again_on_request(
    world: World, recording: Recording
) -> None:
    first, second = pair(recording, "one two", "one two")
    known = compared(first, second)
    Errand.objects.filter(kind=comparing.ERRAND).update(deaths=3)
    world.work()
    known.refresh_from_db()
    assert "put aside" in known.problem

    comparing.ask_again(known)
    world.work()

    known.refresh_from_db()
    assert (known.problem, known.result["words"]) == ("", [2, 2])


def test_comparison_needs_no_provider(world: World, recording: Recording) -> None:
    first, second = pair(recording, "one two", "one two")
    Account.objects.update(sealed_secrets="nobody can read this", is_healthy=False)

    compared(first, second)
    world.work()

    assert compared(first, second).result["words"] == [2, 2]


@pytest.mark.parametrize("which", [0, 1])
def test_deleting_either_erases_the_comparison(world: World, recording: Recording, which: int) -> None:
    both = pair(recording, "one two", "one three")
    compared(*both)
    world.work()

    burial.forget(Transcript.objects.get(pk=both[which].pk))

    assert not Comparison.objects.exists()


def test_deleting_one_while_they_are_compared_leaves_nothing(world: World, recording: Recording) -> None:
    first, second = pair(recording, "one two", "one three")
    compared(first, second)
    errand = Errand.objects.get(kind=comparing.ERRAND)
    step = comparing.step(errand)

    burial.forget(Transcript.objects.get(pk=first.pk))
    step.write()

    assert not Comparison.objects.exists()
    assert comparing.step(errand).cursor is None


def test_pairs_that_cannot_be_compared_are_refused(
    world: World, account: Account, recording: Recording
) -> None:
    first, second = pair(recording, "one two", "one three")
    silent = tell(account, "tra-8", status=Status.PROCESSING, recording_external_id=recording.external_id)
    stray, orphan = tell(account, "tra-9", **completed()), tell(account, "tra-10", **completed())

    require_pair(first, second)
    for other, reason in (
        (first, "two different"),
        (silent, "no words"),
        (stray, "same recording"),
    ):
        with pytest.raises(CannotCompare, match=reason):
            require_pair(first, other)
    with pytest.raises(CannotCompare, match="same recording"):
        require_pair(stray, orphan)
    burial.forget(second)
    with pytest.raises(CannotCompare, match="was deleted"):
        require_pair(first, second)


# The primary one.


def test_exactly_one_is_shown_first(world: World, recording: Recording) -> None:
    first, second = pair(recording, "one two", "one three")
    assert Transcript.objects.get(is_primary=True) == first

    assert primary.mark(second)

    assert Transcript.objects.get(is_primary=True) == second


def test_only_a_complete_one_of_a_recording_can_be_shown_first(
    world: World, account: Account, recording: Recording
) -> None:
    first, second = pair(recording, "one two", "one three")
    open_one = tell(account, "tra-8", status=Status.PROCESSING, recording_external_id=recording.external_id)
    stray = tell(account, "tra-9", **completed())
    burial.forget(second)

    assert not any(primary.mark(each) for each in (second, open_one, stray))
    assert Transcript.objects.get(is_primary=True) == first
