"""The moment that was found, and the words around it."""

import pytest

from tests.transcripts.library import said
from transcripts import texts
from transcripts.query import parse
from transcripts.snippets import LONGEST, moments


def found(query, *lines, **options):
    stored = texts.as_json(said(line) if isinstance(line, str) else line for line in lines)
    return moments(parse(query), stored, **options)


def written(moment):
    return "".join(f"[{part.text}]" if part.is_hit else part.text for part in moment.parts)


@pytest.mark.parametrize(
    ("query", "line", "snippet"),
    [
        ("budget", "Our BUDGET, please", "Our [BUDGET], please"),
        ("budg*", "budgets", "[budgets]"),
        ("the", "other theatre the", "other theatre [the]"),
        ('"of the"', "of, the: of_the", "[of, the]: [of_the]"),
        ("dont", "we don't", "we [don't]"),
        ("cafe", "un café", "un [café]"),
        ("strasse", "die Straße", "die [Straße]"),
        ("預算", "我們明天討論預算。", "我們明天討論[預算]。"),
        ("東", "東京", "[東]京"),
        ("हिन्दी", "हम हिन्दी में", "हम [हिन्दी] में"),
        ("budget OR plan -march", "the plan", "the [plan]"),
        ("a.b", "x  a\n\nb", "x [a\n\nb]"),
    ],
)
def test_what_was_looked_for_is_marked(query, line, snippet):
    [moment] = found(query, line)

    assert written(moment) == snippet


def test_lines_with_most_of_the_words_are_chosen_and_shown_in_their_order():
    lines = ["the plan", "nothing", "the plan", "plan and budget", "a plan", "budget and plan"]

    assert [moment.line for moment in found("budget plan", *lines)] == [0, 3, 5]


def test_at_most_three_moments_of_one_transcript():
    assert [moment.line for moment in found("budget", *["budget"] * 9)] == [0, 1, 2]


def test_only_some_lines_are_looked_at():
    assert [moment.line for moment in found("budget", *["budget"] * 4, among=[1, 3])] == [1, 3]


def test_without_words_the_first_line_is_shown():
    [moment] = found("speaker:ana", "good morning", "bye")

    assert (moment.line, written(moment)) == (0, "good morning")
    assert found("speaker:ana") == ()


def test_phrase_that_one_line_begins_and_another_ends():
    [moment] = found('"budget plan"', "about the budget", "plan of march")

    assert (moment.line, written(moment)) == (0, "about the [budget]")


def test_nothing_is_invented():
    assert found("budget", "good morning") == ()


def test_snippet_is_cut_between_words_around_the_first_hit():
    [moment] = found("budget", f"{'before ' * 30}the budget {'after ' * 60}")

    text = written(moment)
    assert text.startswith("… before ")
    assert text.endswith("after …")
    assert "the [budget] after" in text
    assert len(text) < LONGEST + 20


def test_words_without_a_space_are_cut_all_the_same():
    [first] = found("預算", f"{'字' * 300}預算{'字' * 300}")

    assert "[預算]" in written(first)
    assert len(written(first)) < LONGEST + 20


@pytest.mark.parametrize("query", ["budget", '"the budget"', "budg*", "café budget"])
def test_one_boundless_line_is_not_cut_into_tokens_as_a_whole(query, monkeypatch):
    cut = []
    from transcripts import query_match

    real = query_match.tokens
    monkeypatch.setattr(query_match, "tokens", lambda text: cut.append(len(text)) or real(text))

    [moment] = found(query, f"{'before é ' * 9000}the budget {'after é ' * 9000}")

    assert "budget]" in written(moment)
    assert max(cut) < 2_000


def test_boundless_line_in_which_the_quick_look_is_in_vain():
    [moment] = found("cafe", f"{'before ' * 900}un café {'after ' * 900}")

    assert "[café]" in written(moment)


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("budget first", 10.0),
        ("now the budget", 12.0),
        ("now (the budget", 12.0),
        ("now the (budget", 12.0),
        ("now, the well-budget", 12.0),
    ],
)
def test_moment_is_that_of_the_word(text, start):
    [moment] = found("budget", said(text, start=10.0))

    assert (moment.start, moment.second) == (start, int(start))


def test_moment_of_a_line_without_times_of_words():
    [line] = texts.as_json([said("now the budget", start=10.5)])

    [coarse] = moments(parse("budget"), [{**line, "words": []}])
    [unknown] = moments(parse("budget"), [{**line, "words": [["now", None, None, None]] * 3}])
    [none] = moments(parse("budget"), [{**line, "words": [], "start": None}])

    assert (coarse.start, coarse.second) == (10.5, 10)
    assert unknown.start == 10.5
    assert (none.start, none.second) == (None, None)
