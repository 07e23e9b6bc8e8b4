"""What ``make bench`` says of its figures; the figures themselves are measured there."""

from itertools import pairwise

import pytest

from tests.bench.figures import MEASURES, Figure, Times, measures, timed
from tests.bench.speech import SIZE, Speech


def figure(ratio, **facts):
    return Figure(number="P0", what="x", ratio=ratio, here="", peer="", **facts)


@pytest.mark.parametrize(
    ("ratio", "is_more_better", "verdict"),
    [
        (9, True, "MISSED"),
        (10, True, "met"),
        (20, True, "goal"),
        (21, False, "MISSED"),
        (20, False, "met"),
        (10, False, "goal"),
    ],
)
def test_verdict_follows_the_limits(ratio, is_more_better, verdict):
    must, goal = (10, 20) if is_more_better else (20, 10)

    assert figure(ratio, must=must, goal=goal, is_more_better=is_more_better).verdict == verdict


def test_figure_without_limits_has_no_verdict():
    assert figure(1).verdict == ""
    assert figure(5, must=5).verdict == "met"


def test_things_are_measured_in_turn_after_a_warm_up():
    done = []

    times = timed(3, one=lambda: done.append("one"), two=lambda: done.append("two"))

    assert done == ["one", "two"] * 4
    assert {name: len(found.seconds) for name, found in times.items()} == {"one": 3, "two": 3}


def test_spread_is_told():
    times = Times(seconds=[0.001 * number for number in range(1, 101)])

    assert (times.median, times.p95) == (pytest.approx(0.0505), pytest.approx(0.096))
    assert str(times) == "50.50 ms (1.00 to 96.00)"


def test_what_measures_registers_itself():
    def measure(size):
        yield figure(1)

    try:
        assert measures("P0")(measure) is measure
        assert MEASURES[("P0",)] is measure
    finally:
        MEASURES.pop(("P0",), None)


def test_made_up_speech_has_the_words_of_speech():
    speech = Speech(words=5_000)
    texts = [" ".join(speech.sentences()) for _ in range(20)]

    words = [text.lower().replace(".", "").split() for text in texts]
    counts = [(len(each), len(set(each))) for each in words]

    assert all(SIZE - 1 <= len(text) < SIZE + 200 for text in texts)
    assert all(470 < count < 570 for count, _ in counts)
    assert all(150 < different < 260 for _, different in counts)
    assert all(first != second for first, second in pairwise(texts))
    assert Speech(words=5_000).sentences() == Speech(words=5_000).sentences()
