"""What leaves the house as a file is read back by other programs, word for word."""

import csv
import html
import io
import json
import math
import uuid
from dataclasses import replace
from datetime import UTC, datetime

import docx
import pytest
import webvtt
from hypothesis import given
from hypothesis import strategies as st

from recordings.models import Account, Call
from recordings.providers.formats import read_any, read_srt, read_vtt
from recordings.providers.snapshots import Utterance, Word
from transcripts.exports import CONTENT_TYPES, LABELS, Format, Options, file_name, options_of, written
from transcripts.exports_tables import defused
from transcripts.models import Transcript

TALK = (
    Utterance(text="Good morning & welcome.", speaker="Ana Silva", start=0.25, end=2.001),
    Utterance(text="1 < 2, says <b>he</b> --> \u202eevil\u202c", speaker="Bob <script>", start=2.0, end=3.5),
    Utterance(text="Note: nobody said this by name", start=3661.0, end=3662.999),
    Utterance(text="שלום עולם", speaker="דנה", start=3700.0, end=3701.0),
    Utterance(text="=HYPERLINK(1)", speaker="@everyone", start=3702.0, end=3703.0),
)


@pytest.fixture
def transcript():
    account = Account(name="Sales", provider="recall")
    began = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
    call = Call(account=account, title="Budget / plan: \u202e2026 été")
    return Transcript(account=account, call=call, engine="deepgram", language="en", sort_at=began)


def export(transcript, utterances=TALK, form=Format.TXT, **options):
    return written(transcript, utterances, Options(format=form, **options))


def cues(utterances):
    """What a caption file can tell: times in milliseconds, who, and what."""
    return [
        (round(each.start * 1000), round(each.end * 1000), each.speaker, each.text) for each in utterances
    ]


def test_every_format_has_a_label_and_a_content_type():
    assert set(LABELS) == set(CONTENT_TYPES) == set(Format)


def test_webvtt_is_read_back_by_an_independent_parser(transcript):
    parsed = webvtt.from_string(export(transcript, form=Format.VTT).decode())

    told = [
        (
            each.start_time.in_milliseconds(),
            each.end_time.in_milliseconds(),
            html.unescape(each.voice or ""),
            html.unescape(webvtt_text(each)),
        )
        for each in parsed
    ]
    assert told == cues(TALK)


def webvtt_text(caption):
    """The cue's text without its voice tag, with the references that were written."""
    return caption.raw_text.partition(">")[2] if caption.voice else caption.raw_text


def test_subrip_is_read_back_by_an_independent_parser(transcript):
    parsed = webvtt.from_buffer(io.StringIO(export(transcript, form=Format.SRT).decode()), format="srt")

    told = [
        (each.start_time.in_milliseconds(), each.end_time.in_milliseconds(), html.unescape(each.raw_text))
        for each in parsed
    ]
    assert told == [
        (start, end, f"{speaker}: {text}" if speaker else text) for start, end, speaker, text in cues(TALK)
    ]


text = st.text(min_size=1, max_size=40).filter(lambda each: each.strip() and "\0" not in each)
letters = st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp", "Zs"))
names = st.text(letters, min_size=1, max_size=20)
moments = st.integers(0, 90_000_000)


@st.composite
def talks(draw):
    """Utterances with known times, in whatever order; as texts come from providers: without their edges."""
    found = []
    for _ in range(draw(st.integers(0, 6))):
        start, length = draw(moments), draw(st.integers(0, 60_000))
        said = Utterance(
            text=draw(text).encode("utf-8", "replace").decode(),
            speaker=draw(st.one_of(st.just(""), names)),
            start=start / 1000,
            end=(start + length) / 1000,
        )
        found.append(said)
    return tuple(found)


@given(talks())
def test_webvtt_comes_back_through_our_importer_without_loss(talk):
    content = written(Transcript(), talk, Options(format=Format.VTT))

    back = read_any("talk.vtt", "", content)

    assert back.problem == ""
    assert cues(back.utterances) == cues(talk)


@given(talks())
def test_an_independent_parser_finds_the_same_cues_whatever_was_said(talk):
    parsed = webvtt.from_string(written(Transcript(), talk, Options(format=Format.VTT)).decode())

    times = [(each.start_time.in_milliseconds(), each.end_time.in_milliseconds()) for each in parsed]
    assert times == [(start, end) for start, end, _, _ in cues(talk)]


def test_subrip_comes_back_through_our_importer(transcript):
    back = read_srt(export(transcript, form=Format.SRT).decode())

    assert [(each.start, each.end, each.text) for each in back.utterances[:2]] == [
        (0.25, 2.001, "Good morning & welcome."),
        (2.0, 3.5, f"{TALK[1].speaker}: {TALK[1].text}"),  # no name: it is not taken for one
    ]


def test_unknown_times_come_back_as_unknown():
    talk = (Utterance(text="one"), Utterance(text="two", start=3.0), Utterance(text="three", end=9.0))

    back = read_vtt(written(Transcript(), talk, Options(format=Format.VTT)).decode())

    assert back.utterances == talk


def test_word_document_opens_with_the_same_words(transcript):
    document = docx.Document(io.BytesIO(export(transcript, form=Format.DOCX)))

    paragraphs = [paragraph.text for paragraph in document.paragraphs]
    assert "Budget" in paragraphs[0]
    assert "Engine: deepgram" in paragraphs[1]
    assert paragraphs[2] == "Ana Silva 00:00:00\nGood morning & welcome."
    assert [text.rpartition("\n")[2] for text in paragraphs[2:]] == [each.text for each in TALK]
    right = [paragraph for paragraph in document.paragraphs if "<w:bidi/>" in paragraph._p.xml]
    assert [paragraph.text for paragraph in right] == ["דנה 01:01:40\nשלום עולם"]


def test_word_document_takes_what_xml_forbids(transcript):
    talk = (Utterance(text="a\x00b\x1bc\ud800\td\r\ne", speaker="\x07"), Utterance(text="  "))

    document = docx.Document(io.BytesIO(export(transcript, talk, Format.DOCX, has_times=False)))

    assert [paragraph.text for paragraph in document.paragraphs[2:]] == [
        "\ufffd\na\ufffdb\ufffdc\ufffd\td\ne"
    ]


def test_table_is_safe_in_a_spreadsheet(transcript):
    content = export(transcript, form=Format.CSV)

    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert content.startswith(b"\xef\xbb\xbf")
    assert rows[0] == ["start", "end", "speaker", "text"]
    assert rows[1] == ["00:00:00.250", "00:00:02.001", "Ana Silva", "Good morning & welcome."]
    assert rows[-1] == ["01:01:42.000", "01:01:43.000", "'@everyone", "'=HYPERLINK(1)"]


@pytest.mark.parametrize("cell", ["=1", "+1", "-1", "@a", "\ta", "\ra", "\na", "＝1", "＋1", "－1", "＠a"])
def test_what_a_spreadsheet_would_run_is_shown_instead(cell):
    assert defused(cell) == f"'{cell}"


@pytest.mark.parametrize(("value", "shown"), [("a=1", "a=1"), (-1.5, "-1.5"), (None, ""), ("", "")])
def test_what_is_harmless_stays_as_it_is(value, shown):
    assert defused(value) == shown


def test_table_has_only_the_columns_that_are_wanted(transcript):
    bare = export(transcript, form=Format.CSV, has_speakers=False, has_times=False).decode("utf-8-sig")
    timeless = export(transcript, (Utterance(text="a"),), Format.CSV).decode("utf-8-sig")

    assert bare.splitlines()[:2] == ["text", "Good morning & welcome."]
    assert timeless.splitlines()[1] == ",,,a"


def test_json_has_all_that_is_known(transcript):
    word = Word(text="Hi", start=0.1, end=0.4, confidence=0.9)
    talk = (Utterance(text="Hi", speaker="Ana", start=0.1, end=0.4, words=(word,), channel=1, language="en"),)

    told = json.loads(export(transcript, talk, Format.JSON))

    assert told["transcript"]["account"] == "Sales"
    assert told["transcript"]["provider"] == "Recall.ai"
    assert told["utterances"] == [
        {
            "speaker": "Ana",
            "start": 0.1,
            "end": 0.4,
            "text": "Hi",
            "channel": 1,
            "confidence": None,
            "language": "en",
            "words": [{"text": "Hi", "start": 0.1, "end": 0.4, "confidence": 0.9}],
        }
    ]


def test_json_without_times_and_speakers(transcript):
    word = Word(text="Hi", start=0.1, end=0.4)
    talk = (Utterance(text="Hi", speaker="Ana", start=0.1, words=(word,)),)

    told = json.loads(export(transcript, talk, Format.JSON, has_speakers=False, has_times=False))

    assert not {"speaker", "start", "end"} & told["utterances"][0].keys()
    assert told["utterances"][0]["words"] == [{"text": "Hi", "confidence": None}]


@pytest.mark.parametrize("form", list(Format))
def test_names_are_left_out_where_nobody_wants_them(transcript, form):
    content = export(transcript, form=form, has_speakers=False)

    if form is Format.DOCX:
        content = "\n".join(each.text for each in docx.Document(io.BytesIO(content)).paragraphs).encode()
    assert b"Ana Silva" not in content
    assert b"Good morning" in content


def test_plain_text_with_and_without_times(transcript):
    assert export(transcript).decode().startswith("[00:00:00] Ana Silva: Good morning & welcome.\n")
    assert export(transcript, has_times=False).decode().startswith("Ana Silva: Good morning")


def test_file_name_says_what_it_is_and_holds_nothing_dangerous(transcript):
    key = uuid.UUID("12345678123456781234567812345678")
    transcript.key = key

    assert (
        file_name(transcript, Format.SRT) == "2026-11-20_0930_Budget-plan-2026-été_deepgram_123456781234.srt"
    )

    transcript.call.title, transcript.engine = "../../etc/passwd\n" + "x" * 500, ""
    name = file_name(transcript, Format.TXT)
    assert "/" not in name
    assert ".." not in name
    assert len(name) < 120


def test_options_survive_their_storage():
    options = Options(format=Format.DOCX, has_speakers=False, has_times=False, is_original=True)

    assert options_of(json.loads(json.dumps(options.as_json()))) == options


@pytest.mark.parametrize("stored", [{}, {"format": "exe", "has_times": "no"}, {"format": None, "more": 1}])
def test_unknown_options_are_as_usual(stored):
    assert options_of(stored) == Options()


def test_times_that_no_file_can_name_are_left_out(transcript):
    talk = (Utterance(text="a", start=math.nan, end=-1.0), replace(TALK[0], start=1e300))

    assert export(transcript, talk).decode() == "a\n\nAna Silva: Good morning & welcome.\n"
    assert export(transcript, talk, Format.CSV).decode("utf-8-sig").splitlines()[1] == ",,,a"
