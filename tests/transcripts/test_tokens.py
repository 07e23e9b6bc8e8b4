"""One tokenizer for both databases: what it cuts, where that stood, and how it is written down."""

import re
import sqlite3
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transcripts.codes import encode
from transcripts.tokens import LONGEST, Token, is_unspaced, token_column, tokens


def texts(text: str) -> list[str]:
    return [token.text for token in tokens(text)]


def pieces(text: str) -> list[str]:
    return [text[token.start : token.end] for token in tokens(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("… — 🎉 !", []),
        ("Hello, World", ["hello", "world"]),
        ("well-known a_b x@y.org", ["well", "known", "a", "b", "x", "y", "org"]),
        ("1,000.50 10:30 007", ["1", "000", "50", "10", "30", "007"]),
        ("iPhone15 m² H₂O ½ 5½", ["iphone15", "m2", "h2o", "1", "2", "51", "2"]),
        ("ﬁne ＦＵＬＬ Ⅻ", ["fine", "full", "xii"]),
        ("É é ñ Ç ő", ["e", "e", "n", "c", "o"]),
        (
            "e\u0301 Łódź Đorđe Ħamrun smørrebrød ærø œuvre Þór",
            ["e", "lodz", "dorde", "hamrun", "smorrebrod", "aero", "oeuvre", "thor"],
        ),
        ("Straße STRASSE STRAẞE", ["strasse"] * 3),
        ("İstanbul ısparta ISPARTA", ["istanbul", "isparta", "isparta"]),
        ("Don't can’t ISN'T", ["dont", "cant", "isnt"]),
        ("Ana's Ana’s O'Neill's it's", ["ana", "ana", "o", "neill", "it"]),
        ("l'homme we'll O'Brien rock'n'roll", ["l", "homme", "we", "ll", "o", "brien", "rock", "n", "roll"]),
        ("'quoted' dogs' ’tis", ["quoted", "dogs", "tis"]),
        ("it't s't", ["it", "t", "s", "t"]),
        ("हिन्दी में क़ीमत", ["हिन्दी", "में", "क\u093cीमत"]),
        ("مُحَمَّد ٣٤٥ مـحمد می\u200cخواهم", ["م\u064fح\u064eم\u064e\u0651د", "345", "محمد", "میخواهم"]),
        ("ΣΟΦΟΣ σοφός Άνθρωπος", ["σοφοσ", "σοφόσ", "άνθρωποσ"]),
        ("Ёлка ИЙ и\u0306", ["ёлка", "ий", "й"]),
        ("co\u00adoperate", ["cooperate"]),
        ("1\ufe0f\u20e3 ❤\ufe0f", ["1"]),
        ("東京大学", ["東京", "京大", "大学", "学"]),
        ("東、京", ["東", "京"]),
        ("買う5月 iPhone買", ["買う", "う", "5", "月", "iphone", "買"]),
        ("〇一 時々", ["〇一", "一", "時々", "々"]),
        ("カタ ｶﾞｷﾞ か\u3099", ["カタ", "タ", "ガギ", "ギ", "が"]),
        ("서울에", ["서울", "울에", "에"]),
        ("\u1109\u1165\u110b\u116e\u11af", ["서울", "울"]),
        ("น้ำ ไทย", ["น้\u0e4dา", "\u0e4dา", "ไท", "ทย", "ย"]),
        ("\U00020000\U00020001", ["\U00020000\U00020001", "\U00020001"]),
        ("\ufdfa", ["صلى", "الله", "عليه", "وسلم"]),
    ],
)
def test_tokens_of(text, expected):
    assert texts(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  Don't STRASSE Straße’s", ["Don't", "STRASSE", "Straße’s"]),
        ("l’homme ½", ["l", "homme", "½", "½"]),
        ("x 東京大 y", ["x", "東京", "京大", "大", "y"]),
        ("ｶﾞｷﾞ", ["ｶﾞｷﾞ", "ｷﾞ"]),
        ("(हिन्दी)", ["हिन्दी"]),
    ],
)
def test_tokens_know_where_they_stood(text, expected):
    assert pieces(text) == expected


def test_a_long_token_is_cut():
    assert tokens("a" * 100) == [Token("a" * LONGEST, 0, 100)]
    assert texts("é" * 100) == ["e" * LONGEST]


def test_letters_that_are_no_letters_give_nothing():
    assert texts("\U0002ffff\U0002fffe a") == ["a"]


@pytest.mark.parametrize(
    ("token", "expected"), [("京", True), ("서", True), ("ไ", True), ("a", False), ("हि", False)]
)
def test_unspaced_scripts(token, expected):
    assert is_unspaced(token) is expected


def test_the_column_is_the_encoded_tokens_between_spaces():
    assert token_column(["Don't fix", "", "東"]) == "dont fixy xc1d"


@pytest.mark.parametrize(
    ("token", "code"),
    [
        ("plan", "plan"),
        ("x", "xy"),
        ("eat", "eat"),
        ("12", "12"),
        ("12e3e4", "12xw3e4"),
        ("1ea", "1xwa"),
        ("я", "x0r3"),
        ("яя", "x0r30r3"),
        ("яaя", "x0r3yax0r3"),
        ("1яe", "1x0r3ye"),
        ("яx", "x0r3yxy"),
        ("힣", "xvtv"),
        ("\ua000", "xz0vls"),
        ("\U0002a6d6", "xz3q3a"),
    ],
)
def test_codes(token, code):
    assert encode(token) == code


LETTERS = st.text(st.sampled_from("aex019zwyяж京大서\U00020000\ua000हि"), max_size=6)


@given(LETTERS, LETTERS)
def test_codes_begin_each_other_just_as_tokens_do(one, other):
    assert encode(other).startswith(encode(one)) == other.startswith(one)


@given(st.text())
def test_tokens_lie_in_the_text_in_their_order(text):
    found = tokens(text)

    assert all(0 <= token.start < token.end <= len(text) and token.text for token in found)
    assert [token.start for token in found] == sorted(token.start for token in found)


@given(st.text())
def test_the_column_holds_no_sign_of_a_database(text):
    assert re.fullmatch(r"(?:[a-z0-9]+(?: [a-z0-9]+)*)?", token_column([text]))


SPOKEN = st.lists(st.sampled_from([*"aBn1 '’_.é京\u0301xs", "n't", "'s", " "])).map("".join)


@given(st.text() | st.text(st.characters(codec="ascii")) | SPOKEN)
def test_the_column_and_the_tokens_are_one(text):
    assert token_column([text]).split() == [encode(token.text) for token in tokens(text)]
    assert tokens(text) == tokens(f"{text} é")[:-1]


@given(st.lists(st.text()))
def test_the_column_of_many_texts_is_their_columns(many):
    assert token_column(many).split() == [token for text in many for token in token_column([text]).split()]


@pytest.mark.parametrize("tokenizer", ["ascii", "unicode61"])
@given(text=st.text())
def test_fts5_takes_the_column_verbatim(tokenizer, text):
    database = sqlite3.connect(":memory:")
    database.execute(f"CREATE VIRTUAL TABLE words USING fts5(tokens, content='', tokenize='{tokenizer}')")
    database.execute("CREATE VIRTUAL TABLE seen USING fts5vocab(words, instance)")
    column = token_column([text])

    database.execute("INSERT INTO words(rowid, tokens) VALUES (1, ?)", [column])

    seen = database.execute("SELECT term FROM seen ORDER BY offset").fetchall()
    database.close()
    assert [term for (term,) in seen] == column.split()


def test_a_long_transcript_is_cut_at_once():
    spoken = "The quick brown fox doesn't jump over the lazy dog, and Ana’s 東京大学 हिन्दी. " * 2500

    before = time.process_time()
    column = token_column([spoken])

    assert time.process_time() - before < 2  # a few hundred milliseconds
    assert len(column.split()) == 42_500


@pytest.mark.parametrize(
    "piece", ["'", "a'", "\u0301", "a\u0301", "京", "\u200d", "a\u200d", "\u1100", "é", "9"]
)
def test_hostile_text_is_not_quadratic(piece):
    before = time.process_time()
    tokens(piece * 200_000)

    assert time.process_time() - before < 5  # the square of this length takes minutes
