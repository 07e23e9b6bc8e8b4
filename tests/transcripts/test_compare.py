"""Two transcripts side by side, against rates counted by hand."""

import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recordings.providers.snapshots import Utterance, Word
from transcripts import compare as module
from transcripts.compare import Change, Side, TooLong, compare, spoken, talk_seconds


def said(text: str, speaker: str = "", start: float | None = None, end: float | None = None) -> Utterance:
    return Utterance(text=text, speaker=speaker, start=start, end=end)


def changes(comparison: module.Comparison) -> list[tuple[str, str, str]]:
    return [
        (
            segment.change.value,
            " ".join(
                word.text for word in comparison.reference[segment.reference.first : segment.reference.past]
            ),
            " ".join(word.text for word in comparison.other[segment.other.first : segment.other.past]),
        )
        for segment in comparison.segments
    ]


@pytest.mark.parametrize(
    ("reference", "other", "rate", "counts"),
    [
        ("the cat sat on the mat", "the cat sat on the mat", 0.0, (0, 0, 0)),
        ("the cat sat on the mat", "The cat, SAT on the mat!", 0.0, (0, 0, 0)),
        ("the cat sat on the mat", "the cat sit on the mat", 1 / 6, (1, 0, 0)),
        ("the cat sat on the mat", "the cat sat on mat", 1 / 6, (0, 0, 1)),
        ("the cat sat on the mat", "the black cat sat on the mat", 1 / 6, (0, 1, 0)),
        ("the cat sat on the mat in the sun", "a cat sat down on the mat in sun", 3 / 9, (1, 1, 1)),
        ("the cat sat on the mat", "", 1.0, (0, 0, 6)),
        ("one", "one two three", 2.0, (0, 2, 0)),
        ("don't", "dont", 0.0, (0, 0, 0)),
        ("café Straße", "cafe strasse", 0.0, (0, 0, 0)),
        ("東京大学", "東京大字", 1 / 4, (1, 0, 0)),
        ("買う5月 ｶﾞ", "買う5月ガ", 0.0, (0, 0, 0)),
        ("", "", None, (0, 0, 0)),
        ("", "a", None, (0, 1, 0)),
    ],
)
def test_word_error_rate_is_as_counted_by_hand(reference, other, rate, counts):
    found = compare([said(reference)], [said(other)])

    assert found.word_error_rate == (None if rate is None else pytest.approx(rate))
    assert (found.replaced, found.inserted, found.deleted) == counts


def test_segments_show_what_became_of_the_words():
    found = compare([said("we agreed on the budget today")], [said("we all agreed on a budget")])

    assert changes(found) == [
        ("equal", "we", "we"),
        ("inserted", "", "all"),
        ("equal", "agreed on", "agreed on"),
        ("replaced", "the", "a"),
        ("equal", "budget", "budget"),
        ("deleted", "today", ""),
    ]


def test_segments_carry_the_times_of_their_words():
    timed = Utterance(
        text="Good morning, Ana",
        start=0.0,
        end=9.0,
        words=(Word(text="Good", start=1.0, end=2.0), Word(text="morning, Ana", start=3.0, end=None)),
    )

    found = compare([timed], [said("good", "", 0.5, 2.5), said("evening Ana")])

    assert [(s.change, s.reference, s.other) for s in found.segments] == [
        (Change.EQUAL, Side(first=0, past=1, start=1.0, end=2.0), Side(first=0, past=1, start=0.5, end=2.5)),
        (Change.REPLACED, Side(first=1, past=2, start=3.0), Side(first=1, past=2)),
        (Change.EQUAL, Side(first=2, past=3, start=3.0), Side(first=2, past=3)),
    ]


def test_words_that_do_not_spell_the_text_lend_no_times():
    utterance = Utterance(
        text="Good morning", start=0.0, end=9.0, words=(Word(text="Goodbye", start=1.0, end=2.0),)
    )

    assert [(word.text, word.start, word.end) for word in spoken([utterance])] == [
        ("good", 0.0, 9.0),
        ("morning", 0.0, 9.0),
    ]


def test_words_know_where_they_stood():
    utterances = [said("Hi", "Ana"), said("東京 it's", "Bruno")]

    assert [
        (w.text, w.utterance, utterances[w.utterance].text[w.first : w.past], w.speaker)
        for w in spoken(utterances)
    ] == [
        ("hi", 0, "Hi", "Ana"),
        ("東", 1, "東", "Bruno"),
        ("京", 1, "京", "Bruno"),
        ("it", 1, "it's", "Bruno"),
    ]


def test_speakers_may_be_called_differently():
    found = compare(
        [said("one two three four", "Ana"), said("five six", "Bruno"), said("seven", "Ana")],
        [said("one two three four", "Speaker 1"), said("five six seven", "Speaker 0")],
    )

    assert found.speakers == {"Ana": "Speaker 1", "Bruno": "Speaker 0"}
    assert found.speaker_disagreement == pytest.approx(1 / 7)


def test_a_speaker_is_only_one_other():
    found = compare(
        [said("one two three", "Ana"), said("four", "Bruno")], [said("one two three four", "Speaker 0")]
    )

    assert found.speakers == {"Ana": "Speaker 0"}
    assert found.speaker_disagreement == pytest.approx(1 / 4)


def test_speakers_that_nobody_names_cannot_disagree():
    found = compare([said("one two", "Ana")], [said("one two")])

    assert (found.speakers, found.speaker_disagreement) == ({}, None)


def test_talk_times_count_overlaps_once():
    utterances = [
        said("a", "Ana", 4.0, 6.0),
        said("b", "Ana", 0.0, 5.0),
        said("c", "Ana", 1.0, 2.0),
        said("d", "Bruno", 3.0, 13.0),
        said("e", "Bruno", 20.0, None),
        said("f", "Carla", 5.0, 5.0),
        said("g", "", 20.0, 21.0),
    ]

    assert talk_seconds(utterances) == {"Bruno": 10.0, "Ana": 6.0, "": 1.0}
    assert list(talk_seconds(utterances)) == ["Bruno", "Ana", ""]
    assert compare(utterances, []).reference_talk_seconds == talk_seconds(utterances)


def test_transcripts_beyond_reason_are_refused(monkeypatch):
    monkeypatch.setattr(module, "MOST_WORDS", 2)

    with pytest.raises(TooLong, match="at most 2 words"):
        compare([said("a b")], [said("a b c")])


def test_three_hours_are_compared_at_once():
    chance = random.Random(1)
    words = [f"word{chance.randrange(4000)}" for _ in range(30_000)]
    heard = [word for word in words if chance.random() > 0.05]
    heard = [word if chance.random() > 0.1 else f"word{chance.randrange(4000)}" for word in heard]
    first = [said(" ".join(words[i : i + 20]), "Ana", i, i + 9) for i in range(0, len(words), 20)]
    second = [said(" ".join(heard[i : i + 20]), "Speaker 0", i, i + 9) for i in range(0, len(heard), 20)]

    before = time.process_time()
    found = compare(first, second)

    assert time.process_time() - before < 4  # under one second on an idle machine
    assert 0.1 < (found.word_error_rate or 0) < 0.2


WORDS = st.lists(st.sampled_from(["a", "b", "c", "東", "d'e"]), max_size=12).map(" ".join)


@given(WORDS, WORDS)
def test_segments_cover_both_sides_and_count_alike_both_ways(one, other):
    found = compare([said(one)], [said(other)])
    back = compare([said(other)], [said(one)])

    assert [i for s in found.segments for i in range(s.reference.first, s.reference.past)] == list(
        range(len(found.reference))
    )
    assert [i for s in found.segments for i in range(s.other.first, s.other.past)] == list(
        range(len(found.other))
    )
    assert found.replaced + found.inserted + found.deleted == back.replaced + back.inserted + back.deleted
    assert found.deleted - found.inserted == len(found.reference) - len(found.other)
