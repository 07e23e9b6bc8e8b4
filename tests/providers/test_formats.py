"""Transcript formats that no provider owns: what goes in comes out, and nothing is lost in between."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recordings.providers.formats import (
    decode,
    merge_turns,
    read_any,
    read_plain,
    read_srt,
    read_vtt,
    write_srt,
    write_text,
    write_vtt,
)
from recordings.providers.snapshots import Utterance, Word


def said(text: str, speaker: str = "", start: float | None = None, end: float | None = None) -> Utterance:
    return Utterance(text=text, speaker=speaker, start=start, end=end)


def cue(*lines: str) -> str:
    return "WEBVTT\n\n00:01.000 --> 00:02.500\n" + "\n".join(lines) + "\n"


def one(*lines: str) -> tuple[str, str]:
    (utterance,) = read_vtt(cue(*lines)).utterances
    return utterance.speaker, utterance.text


# WebVTT


def test_vtt_of_daily_names_its_speakers():
    text = read_vtt(
        "WEBVTT\n\ntranscript:0\n00:00:45.588 --> 00:00:47.888\n<v>Ana Silva:</v>Good morning\n\n"
        "transcript:1\n00:01:28.330 --> 00:01:31.720\n<v>Bruno:</v>Morning\n"
    )

    assert text.utterances == (
        said("Good morning", "Ana Silva", 45.588, 47.888),
        said("Morning", "Bruno", 88.33, 91.72),
    )
    assert text.problem == ""


@pytest.mark.parametrize(
    ("line", "speaker", "text"),
    [
        ("<v Ana>Hello", "Ana", "Hello"),
        ("<v.loud.first Ana Silva>Hello</v>", "Ana Silva", "Hello"),
        ("<v  Ana >Hello", "Ana", "Hello"),
        ("<v A<B>Hello", "A<B", "Hello"),
        ("<v Tom &amp; Ana>R&D &lt;3&nbsp;&lrm;x", "Tom & Ana", "R&D <3\u00a0\u200ex"),
        ("<v>Ana: the second:</v>Hello", "Ana: the second", "Hello"),
        ("<v><b>Ana</b>:</v>Hello", "<b>Ana</b>", "Hello"),
        ("<v>Ana</v>x:</v>Hello", "Ana</v>x", "Hello"),
        ("<v.loud>Ana: </v>Hello", "Ana", "Hello"),
        ("<v>:</v>Hello", "", "Hello"),
        ("<v>Ana: Hello</v>", "Ana", "Hello"),
        ("<v>see you at 10:30</v>", "", "see you at 10:30"),
        ("<v>Hello</v>", "", "Hello"),
        ("<v>Hello", "", "Hello"),
        ("<v></v>Hello", "", "Hello"),
        ("<v Ana:</v>Hello", "Ana", "Hello"),
        ("<v Ana>I said:</v>", "Ana", "I said:"),
        ("<v>Ana:</v>- no, <i>never</i>", "Ana", "- no, never"),
        ("Ana: Hello", "Ana", "Hello"),
        ("Speaker 0: Hello", "Speaker 0", "Hello"),
        ("speaker_1: Hello", "speaker_1", "Hello"),
        ("Maria da Silva: Hello", "Maria da Silva", "Hello"),
        ("田中: こんにちは", "田中", "こんにちは"),
        ("Let me say this: no", "", "Let me say this: no"),
        ("Well, Ana: no", "", "Well, Ana: no"),
        ("This Name Has Five Words: no", "", "This Name Has Five Words: no"),
        ("10: no", "", "10: no"),
        ("It is 10:30", "", "It is 10:30"),
        ("Ana:", "", "Ana:"),
        ("- Hello", "", "Hello"),
        ("-5 degrees", "", "-5 degrees"),
        ("a < b and b > c <3", "", "a < b and b > c <3"),
        ("<c.yellow>Hel</c>lo <lang en>you</lang> <font color=red>all</font>", "", "Hello you all"),
        ("go --> there", "", "go --> there"),
        ("?a=1&copy=2 &unknown; &#233; &#xE9;", "", "?a=1&copy=2 &unknown; é é"),
    ],
)
def test_vtt_reads_a_voice(line, speaker, text):
    assert one(line) == (speaker, text)


def test_vtt_lines_of_a_cue_are_one_text():
    assert one("Hello ", " there") == ("", "Hello there")


def test_vtt_splits_the_voices_of_a_cue():
    text = read_vtt(cue("<v Ana>Hello</v> <v Bruno>Hi", "<v Ana></v>you"))

    assert [(u.speaker, u.text, u.start) for u in text.utterances] == [
        ("Ana", "Hello", 1.0),
        ("Bruno", "Hi", 1.0),
        ("", "you", 1.0),
    ]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (("- Hello", "- Hi", "you"), [("", "Hello"), ("", "Hi you")]),
        (("Ana: Hello", "there", "Bruno: Hi"), [("Ana", "Hello there"), ("Bruno", "Hi")]),
    ],
)
def test_vtt_lines_may_be_different_voices(lines, expected):
    assert [(u.speaker, u.text) for u in read_vtt(cue(*lines)).utterances] == expected


def test_vtt_leaves_out_what_is_not_said():
    text = read_vtt(
        "\ufeffWEBVTT - a title\r\nKind: captions\r\nLanguage: pt-BR\r\n\r\n"
        "STYLE\r\n::cue { color: red }\r\n\r\nREGION\r\nid:fred\r\n\r\n"
        "NOTE\r\nby Deepgram\r\nRequest Id: 1\r\n\r\nNOTE one line\r\n\r\n"
        "an id\r\n01:00.5 --> 100:00:02.000 align:start position:10%\r\nOlá\r\n\r\n\r\n"
        "NOTE is the id of a cue\r\n00:03,000-->00:04\r\ntoo\r\n\r\n"
        "NOTE\rthis one\rwas closed too late\r00:05.000 --> 00:06.000\rthree"
    )

    assert text.utterances == (
        said("Olá", "", 60.5, 360002.0),
        said("too", "", 3.0, 4.0),
        said("three", "", 5.0, 6.0),
    )
    assert (text.language, text.problem) == ("pt-BR", "")


@pytest.mark.parametrize("content", ["WEBVTT", "WEBVTT\n", "\ufeffWEBVTT\tx\n\n", "WEBVTT\nKind: captions\n"])
def test_vtt_without_cues_is_empty_and_valid(content):
    text = read_vtt(content)

    assert (text.utterances, text.problem) == ((), "")


@pytest.mark.parametrize(
    "content", ["WEBVTT\n00:01.000 --> 00:02.000\nHi", "WEBVTT\n1\n00:01.000 --> 00:02.000\nHi"]
)
def test_vtt_header_may_lack_its_empty_line(content):
    assert read_vtt(content).utterances == (said("Hi", "", 1.0, 2.0),)


def test_vtt_without_header_is_read_and_told():
    text = read_vtt("00:01.000 --> 00:02.000\nHi")

    assert text.utterances == (said("Hi", "", 1.0, 2.0),)
    assert text.problem == "The file does not begin with WEBVTT."


def test_vtt_of_nothing_has_no_header():
    assert read_vtt("").problem == "The file does not begin with WEBVTT."


def test_vtt_times_inside_the_text_become_words():
    text = read_vtt(
        cue("<v Ana>one<00:01.200><c> two</c><00:01.300> <c>three</c> &amp;<00:01.100>four<00:01.400>")
    )

    (utterance,) = text.utterances
    assert utterance.text == "one two three &four"
    assert utterance.words == (
        Word(text="one", start=1.0, end=1.2),
        Word(text="two", start=1.2, end=1.3),
        Word(text="three &", start=1.3, end=None),
        Word(text="four", start=1.1, end=1.4),
    )


def test_vtt_cues_may_overlap():
    text = read_vtt("WEBVTT\n\n00:01.000 --> 00:05.000\na\n\n00:02.000 --> 00:03.000\nb\n")

    assert [(u.start, u.end) for u in text.utterances] == [(1.0, 5.0), (2.0, 3.0)]
    assert text.problem == ""


@pytest.mark.parametrize(
    ("timing", "start", "end", "problem"),
    [
        ("00:05.000 --> 00:02.000", 5.0, None, "1 cue with an end before the start (first at line 3)"),
        ("-00:05.000 --> 00:02.000", None, 2.0, "1 cue with times before the beginning (first at line 3)"),
        ("00:05.000 --> -00:02.000", 5.0, None, "1 cue with times before the beginning (first at line 3)"),
        ("00:05.000 --> soon", 5.0, None, "1 cue with times that cannot be read (first at line 3)"),
        ("5 --> 00:06.000", None, 6.0, "1 cue with times that cannot be read (first at line 3)"),
        ("-->", None, None, "1 cue with times that cannot be read (first at line 3)"),
    ],
)
def test_vtt_times_that_cannot_be_are_unknown_and_told(timing, start, end, problem):
    text = read_vtt(f"WEBVTT\n\n{timing}\nHello\n")

    assert text.utterances == (said("Hello", "", start, end),)
    assert text.problem == f"The text of {problem} is kept, those times are not."


def test_vtt_keeps_text_without_times_and_counts_it():
    text = read_vtt(
        "WEBVTT\n\nlost\nwords\n\n00:01.000 --> 00:02.000\nfirst\n\nparagraph two\n\n"
        "also lost\nid\n00:03.000 --> 00:02.000\nlast\n"
    )

    assert [u.text for u in text.utterances] == ["lost words", "first", "paragraph two", "also lost", "last"]
    assert text.problem == (
        "The text of 3 cues without a line of times (first at line 3), 1 cue with an end before the start "
        "(first at line 13) is kept, those times are not."
    )


def test_vtt_empty_cues_are_not_utterances():
    assert (
        read_vtt("WEBVTT\n\n00:03.000 --> 00:02.000\n\n00:03.000 --> 00:04.000\n<v Ana></v>\n").problem == ""
    )


def test_vtt_empty_line_between_cues_may_be_forgotten():
    text = read_vtt(
        "WEBVTT\n\n1\n00:01.000 --> 00:02.000\na\n2\n00:02.000 --> 00:03.000\nb\n00:03.000 --> 00:04.000\nc"
    )

    assert [(u.text, u.start) for u in text.utterances] == [("a", 1.0), ("b", 2.0), ("c", 3.0)]


# SubRip


def test_srt_reads_what_is_written_in_the_wild():
    text = read_srt(
        "\ufeff1\r\n00:00:01,000 --> 00:00:02,500 X1:40\r\n{\\an8}<i>Hello</i>\r\n<b>there</b>\r\n\r\n"
        "00:00:03.000 --> 00:00:04.000\r\nAna: no number\r\n\r\n"
        "7\r\n00:00:05,1 --> 00:00:06,25\r\n- one\r\n- two\r\n8\r\n00:00:07,000 --> 00:00:08,000\r\n1984\r\n"
    )

    assert text.utterances == (
        said("Hello there", "", 1.0, 2.5),
        said("no number", "Ana", 3.0, 4.0),
        said("one", "", 5.1, 6.25),
        said("two", "", 5.1, 6.25),
        said("1984", "", 7.0, 8.0),
    )
    assert text.problem == ""


def test_srt_says_what_it_could_not_read():
    text = read_srt("1\n00:00:01,000 -> 00:00:02,000\nHello\n\n2\n00:99 --> later\nBye\n")

    assert [(u.text, u.start) for u in text.utterances] == [
        ("1 00:00:01,000 -> 00:00:02,000 Hello", None),
        ("Bye", 99.0),
    ]
    assert text.problem == (
        "The text of 1 cue without a line of times (first at line 1), 1 cue with times that cannot be read "
        "(first at line 6) is kept, those times are not."
    )


# Plain text


def test_plain_of_daily_has_speakers_by_number():
    text = read_plain("Speaker 0: Good morning.\nHow are you?\n\nSpeaker 1: Fine: thanks.\n")

    assert text.utterances == (
        said("Good morning. How are you?", "Speaker 0"),
        said("Fine: thanks.", "Speaker 1"),
    )


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("[00:01:02] Ana: Hello", said("Hello", "Ana", 62.0)),
        ("(01:02) Hello", said("Hello", "", 62.0)),
        ("00:01:02 - Hello", said("Hello", "", 62.0)),
        ("[00:01:02.5 --> 00:01:03] Ana: Hello", said("Hello", "Ana", 62.5, 63.0)),
        ("00:05 – 00:01 Hello", said("Hello", "", 5.0)),
        ("Ana Silva [00:01:02]: Hello", said("Hello", "Ana Silva", 62.0)),
        ("Ana Silva (01:02 - 01:03): Hello", said("Hello", "Ana Silva", 62.0, 63.0)),
        ("Ana Silva  01:02\nHello", said("Hello", "Ana Silva", 62.0)),
        ("we met at 10:30", said("we met at 10:30")),
        ("we met at 10:30: late", said("we met at 10:30: late")),
        ("10:30am is late", said("10:30am is late")),
        ("One line\nNote: and another", said("One line Note: and another")),
    ],
)
def test_plain_reads_names_and_times_in_front(content, expected):
    assert read_plain(content).utterances == (expected,)


def test_plain_lines_of_a_paragraph_may_be_turns():
    text = read_plain("[00:01] Ana: Hello\nthere\n[00:03] Bruno: Hi\nAna: Bye\nBruno (0:09):\n")

    assert text.utterances == (
        said("Hello there", "Ana", 1.0),
        said("Hi", "Bruno", 3.0),
        said("Bye", "Ana"),
    )


def test_plain_of_nothing_is_empty():
    assert read_plain(" \n\n").utterances == ()


# Bytes


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_decode_knows_the_unicode_encodings(encoding):
    assert decode("Olá, 世界".encode(encoding)) == ("Olá, 世界", "")


def test_decode_knows_utf16_of_the_other_order():
    assert decode(b"\xfe\xff" + "Olá".encode("utf-16-be")) == ("Olá", "")


def test_decode_falls_back_to_windows():
    assert decode("“Olá” — é".encode("cp1252") + b"\x81") == (
        "“Olá” — é\x81",
        "6 bytes are not UTF-8, the first at 1: read as Windows-1252, so letters may be wrong.",
    )


def test_decode_of_a_cut_file_keeps_its_other_letters():
    assert decode("世界é".encode()[:-1]) == (
        "世界Ã",
        "1 byte is not UTF-8, the first at 7: read as Windows-1252, so letters may be wrong.",
    )


def test_decode_of_a_cut_utf16_file_says_so():
    assert decode("Olá".encode("utf-16")[:-1]) == (
        "Ol\ufffd",
        "The file is not valid UTF-16 from byte 5 on: letters are missing.",
    )


def test_readers_replace_nul():
    assert read_plain("a\0b").utterances == (said("a\ufffdb"),)


# Any file


@pytest.mark.parametrize(
    ("name", "content_type", "content", "expected"),
    [
        ("a.txt", "text/plain", b"\n WEBVTT\n\n00:01.000 --> 00:02.000\nHi", said("Hi", "", 1.0, 2.0)),
        ("", "text/vtt; charset=utf-8", b"00:01.000 --> 00:02.000\nHi", said("Hi", "", 1.0, 2.0)),
        ("", "", b"\xef\xbb\xbf1\r\n00:00:01,000 --> 00:00:02,000\r\nHi", said("Hi", "", 1.0, 2.0)),
        ("a.SRT", "", b"Hi", said("Hi")),
        ("a", "application/octet-stream", b"Ana: Hi", said("Hi", "Ana")),
    ],
)
def test_any_reads_by_content_then_type_then_name(name, content_type, content, expected):
    text = read_any(name, content_type, content)

    assert text.utterances == (expected,)
    (file,) = text.files
    assert (file.name, file.content_type, file.content) == (name, content_type, content)


def test_any_tells_all_problems():
    assert read_any("a.vtt", "", b"caf\xe9").problem == (
        "1 byte is not UTF-8, the first at 4: read as Windows-1252, so letters may be wrong. "
        "The file does not begin with WEBVTT. "
        "The text of 1 cue without a line of times (first at line 1) is kept, those times are not."
    )


# Turns


def test_turns_join_short_cues_of_one_speaker():
    turns = merge_turns(
        [said("Good", "Ana", 0.0, 1.0), said("morning", "Ana", 1.5, 2.0), said("Hi", "Bruno", 2.0, 3.0)],
        gap_seconds=1.0,
    )

    assert turns == (
        Utterance(
            text="Good morning",
            speaker="Ana",
            start=0.0,
            end=2.0,
            words=(Word(text="Good", start=0.0, end=1.0), Word(text="morning", start=1.5, end=2.0)),
        ),
        said("Hi", "Bruno", 2.0, 3.0),
    )


@pytest.mark.parametrize(
    "pair",
    [
        [said("a", "Ana", 0.0, 1.0), said("b", "Ana", 9.0, 10.0)],
        [said("a", "", 0.0, 1.0), said("b", "", 1.0, 2.0)],
        [said("a", "Ana", 0.0, 1.0), said("b", "Bruno", 1.0, 2.0)],
        [said("a", "Ana", 0.0, None), said("b", "Ana", 1.0, 2.0)],
        [said("a", "Ana", None, 1.0), said("b", "Ana", 1.0, 2.0)],
        [said("a", "Ana", 0.0, 1.0), said("b", "Ana", None, 2.0)],
        [said("a", "Ana", 5.0, 6.0), said("b", "Ana", 1.0, 2.0)],
        [
            Utterance(text="a", speaker="A", start=0, end=1, channel=1),
            Utterance(text="b", speaker="A", start=1, end=2),
        ],
        [said("a", "Ana", 0.0, 1.0)],
        [],
    ],
)
def test_turns_leave_apart_what_may_not_belong_together(pair):
    assert merge_turns(pair) == tuple(pair)


def test_turns_keep_words_the_latest_end_and_the_lowest_confidence():
    word = Word(text="a", start=0.0, end=0.5)
    sure = Utterance(text="a", speaker="Ana", start=0.0, end=9.0, words=(word,), confidence=0.9)
    less = Utterance(text="b", speaker="Ana", start=1.0, end=2.0, confidence=0.4)

    (turn,) = merge_turns([sure, less])
    (open_ended,) = merge_turns([sure, said("c", "Ana", 1.0, None)])

    assert (turn.end, turn.confidence) == (9.0, 0.4)
    assert turn.words == (word, Word(text="b", start=1.0, end=2.0, confidence=0.4))
    assert (open_ended.end, open_ended.confidence) == (None, None)


# Writing


def test_vtt_is_written_as_players_read_it():
    assert write_vtt([said("Hello <there>\nyou", "Ana & Tom", 1.0, 3661.5), said("- a", "", 2.0, 3.0)]) == (
        "WEBVTT\n\n1\n00:00:01.000 --> 01:01:01.500\n<v Ana &amp; Tom>Hello &lt;there&gt;&#10;you\n"
        "\n2\n00:00:02.000 --> 00:00:03.000\n&#45; a\n"
    )


def test_srt_is_written_as_players_read_it():
    content = write_srt(
        [said("Hello\n\nthere", "Ana", 1.0, 2.0), said(" ", "Ana"), said("a <b> &lt; &c", "", None, None)]
    )

    assert content == (
        "1\n00:00:01,000 --> 00:00:02,000\nAna: Hello there\n\n"
        "2\n00:00:02,000 --> 00:00:04,000\na &lt;b> &amp;lt; &c\n\n"
    )
    assert [u.text for u in read_srt(content).utterances] == ["Hello there", "a <b> &lt; &c"]


def test_text_is_written_as_people_read_it():
    utterances = [said("Good\nmorning", "Ana Silva", 45.588, 47.0), said("Hi"), said("")]

    assert write_text(utterances) == "[00:00:45] Ana Silva: Good morning\n\nHi\n"
    assert write_text(utterances, has_times=False) == "Ana Silva: Good morning\n\nHi\n"
    assert read_plain(write_text(utterances)).utterances == (
        said("Good morning", "Ana Silva", 45.0),
        said("Hi"),
    )


@pytest.mark.parametrize(
    ("start", "end", "read"),
    [
        (None, None, (None, None)),
        (5.0, None, (5.0, None)),
        (None, 5.0, (None, 5.0)),
        (5.0, 2.0, (5.0, None)),
        (-1.0, 2.0, (None, 2.0)),
        (float("nan"), float("inf"), (None, None)),
        (5.0, 5.0, (5.0, 5.0)),
    ],
)
def test_written_vtt_keeps_unknown_times_unknown(start, end, read):
    text = read_vtt(write_vtt([said("Hello", "Ana", start, end)]))

    assert text.utterances == (said("Hello", "Ana", *read),)
    assert text.problem == ""


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
MARKED = st.lists(
    st.sampled_from(
        [
            "<v ",
            "<v>",
            ":</v>",
            "</v>",
            ">",
            "<",
            ":",
            ": ",
            "- ",
            "-->",
            "&amp;",
            "&",
            "#58;",
            "\n",
            "\r",
            " ",
            "\t",
            "NOTE",
            "WEBVTT",
            "00:01.000",
            "Ana",
            "a",
            "<00:01.000>",
            "\n\n",
            "{\\an8}",
            "é",
            "1",
        ]
    )
).map("".join)
MILLISECONDS = st.integers(min_value=0, max_value=400_000_000)


@st.composite
def utterances(draw):
    start, length = draw(MILLISECONDS), draw(st.integers(min_value=0, max_value=100_000))
    return Utterance(
        text=draw((TEXT | MARKED).filter(str.strip)),
        speaker=draw(TEXT | MARKED),
        start=draw(st.sampled_from([None, start / 1000])),
        end=draw(st.sampled_from([None, (start + length) / 1000])),
    )


@given(st.lists(utterances(), max_size=5))
def test_written_vtt_is_read_back_without_loss(written):
    text = read_vtt(write_vtt(written))

    assert list(text.utterances) == written
    assert text.problem == ""


@given(MARKED | TEXT)
def test_readers_accept_anything(content):
    for read in (read_vtt, read_srt, read_plain):
        for utterance in read(content).utterances:
            assert utterance.text.strip()
            assert utterance.start is None or utterance.start >= 0
            assert utterance.end is None or utterance.end >= (utterance.start or 0)


TIMINGS = ["00:01.000 --> 00:02.000", "00:x --> 1", "-->"]


@given(st.lists(st.sampled_from(["alpha", "", *TIMINGS])))
def test_vtt_loses_no_line_but_names_of_cues(lines):
    text = read_vtt("\n".join(["WEBVTT", "", *lines, "", "gamma"]))

    read = " ".join(utterance.text for utterance in text.utterances)
    assert read.endswith("gamma")
    assert lines.count("alpha") - read.count("alpha") <= sum(line in TIMINGS for line in lines)


@given(st.binary())
def test_any_accepts_any_bytes(content):
    text = read_any("a", "", content)

    assert text.files[0].content == content


@given(st.lists(utterances(), max_size=8))
def test_merging_keeps_every_word(pieces):
    turns = merge_turns(pieces)

    assert " ".join(turn.text for turn in turns) == " ".join(piece.text for piece in pieces)


HOSTILE = [
    "<v" * 20,
    "<v ",
    "<v>",
    " ",
    "\t",
    ":",
    "&",
    "&#",
    "&#1",
    "{\\",
    "-->",
    "<00:",
    "00:",
    "1",
    "- ",
    "a: ",
    "[",
    "\n",
    "\n\n",
    "\n1",
    "\r",
    "<v>:",
    "<c.",
    "00:01.000 --> 00:02.000\n",
    "\n\n00:01.000 --> 00:02.000\na",
]


@pytest.mark.no_cover
def test_readers_are_not_quadratic():
    slow = {}
    for piece in HOSTILE:
        for front in ("", "WEBVTT\n\n00:01.000 --> 00:02.000\n", "<v "):
            content = front + piece * (100_000 // len(piece))
            for read in (read_vtt, read_srt, read_plain):
                before = time.process_time()
                written = read(content).utterances
                write_vtt(written), write_srt(written), write_text(written), merge_turns(written)
                seconds = time.process_time() - before
                if seconds > 2:  # the square of this length takes minutes
                    slow[(piece, front, read.__name__)] = seconds

    assert slow == {}
