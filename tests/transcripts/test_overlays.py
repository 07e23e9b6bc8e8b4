"""Names and corrections over a text that never changes."""

import pytest
from django.contrib.auth import get_user_model

from recordings.providers.snapshots import Status, Utterance
from tests.transcripts.library import a_transcript, an_account, said, store
from transcripts import burial, merging, overlays
from transcripts.exports import Format, Options, words_of, written
from transcripts.models import LineCorrection, SpeakerName, Transcript, TranscriptText
from transcripts.overlays import overlaid
from transcripts.overlays_changes import CorrectionRefused, correct_line, rename_speaker
from transcripts.overlays_history import history


@pytest.fixture
def user(db):
    return get_user_model().objects.create_user("ana")


@pytest.fixture
def account(db):
    return an_account("Sales")


@pytest.fixture
def transcript(account):
    return a_transcript(
        account,
        said("good morning", "Speaker 1", 0.0),
        said("the bucket", "Speaker 2", 5.0),
        said("thank you", "Speaker 1", 9.0),
    )


def read(transcript):
    return [(line.speaker, line.text) for line in overlaid(transcript)]


def test_untouched_words_read_as_the_provider_gave_them(transcript):
    lines = overlaid(transcript)

    assert read(transcript) == [
        ("Speaker 1", "good morning"),
        ("Speaker 2", "the bucket"),
        ("Speaker 1", "thank you"),
    ]
    assert [line.index for line in lines] == [0, 1, 2]
    assert not any(line.is_corrected for line in lines)
    assert [word.start for word in lines[0].words] == [0.0, 1.0]
    assert overlays.original(transcript) == lines


def test_a_name_is_read_wherever_the_label_stands(transcript, user):
    assert rename_speaker(user, transcript, "Speaker 1", " Ana Silva ") is True

    assert [speaker for speaker, _ in read(transcript)] == ["Ana Silva", "Speaker 2", "Ana Silva"]
    assert [line.original_speaker for line in overlaid(transcript)] == ["Speaker 1", "Speaker 2", "Speaker 1"]
    assert [line.is_corrected for line in overlaid(transcript)] == [True, False, True]
    assert TranscriptText.objects.get(transcript=transcript).utterances[0]["speaker"] == "Speaker 1"


@pytest.mark.parametrize("name", ["", "  ", "Speaker 1"])
def test_a_name_is_taken_back(transcript, user, name):
    rename_speaker(user, transcript, "Speaker 1", "Ana")

    assert rename_speaker(user, transcript, "Speaker 1", name) is True
    assert rename_speaker(user, transcript, "Speaker 1", name) is False

    assert overlays.original(transcript) == overlaid(transcript)


def test_lines_without_a_speaker_are_named_by_their_channel(account, user):
    transcript = a_transcript(account, said("left", channel=0), said("right", channel=1), said("nobody"))

    rename_speaker(user, transcript, "Channel 1", "Ben")
    rename_speaker(user, transcript, "", "Somebody")

    assert [line.label for line in overlaid(transcript)] == ["Channel 0", "Channel 1", ""]
    assert [speaker for speaker, _ in read(transcript)] == ["", "Ben", "Somebody"]


def test_a_line_is_corrected_and_its_word_times_go(transcript, user):
    assert correct_line(user, transcript, 1, text="the budget") is True

    line = overlaid(transcript)[1]
    assert (line.text, line.original_text, line.start, line.words) == ("the budget", "the bucket", 5.0, ())


def test_one_line_is_given_to_somebody_else(transcript, user):
    rename_speaker(user, transcript, "Speaker 1", "Ana")

    correct_line(user, transcript, 2, speaker="Ben")

    assert [speaker for speaker, _ in read(transcript)] == ["Ana", "Speaker 2", "Ben"]
    assert len(overlaid(transcript)[2].words) == 2


def test_each_side_of_a_line_is_changed_and_taken_back_alone(transcript, user):
    correct_line(user, transcript, 1, text="the budget", speaker="Ben")
    correct_line(user, transcript, 1, text="the bucket")
    assert read(transcript)[1] == ("Ben", "the bucket")

    correct_line(user, transcript, 1, speaker="")
    assert read(transcript)[1] == ("Speaker 2", "the bucket")
    assert correct_line(user, transcript, 1, text="", speaker="") is False


@pytest.mark.parametrize("line", [-1, 3])
def test_a_line_that_is_not_there_is_refused(transcript, user, line):
    with pytest.raises(CorrectionRefused, match="This line is not there"):
        correct_line(user, transcript, line, text="x")


def test_what_cannot_be_is_refused_with_a_sentence(transcript, user, account):
    with pytest.raises(CorrectionRefused, match="Nobody speaks under this label"):
        rename_speaker(user, transcript, "Speaker 9", "Ana")
    with pytest.raises(CorrectionRefused, match="At most 200 characters"):
        rename_speaker(user, transcript, "Speaker 1", "a" * 201)
    with pytest.raises(CorrectionRefused, match="At most 20,000 characters"):
        correct_line(user, transcript, 1, text="a" * 20_001)
    with pytest.raises(CorrectionRefused, match="There are no words"):
        rename_speaker(user, a_transcript(account), "", "Ana")
    assert not SpeakerName.objects.exists()
    assert not LineCorrection.objects.exists()


def test_what_no_database_can_hold_is_replaced(transcript, user):
    correct_line(user, transcript, 1, text="a\x00b \ud800")

    assert read(transcript)[1][1] == "a\ufffdb \ufffd"


def test_history_tells_who_and_what_it_was_before(transcript, user):
    ben = get_user_model().objects.create_user("ben")
    rename_speaker(user, transcript, "Speaker 1", "Anna")
    correct_line(ben, transcript, 1, text="the budget")
    rename_speaker(ben, transcript, "Speaker 1", "Ana")
    correct_line(user, transcript, 1, text="", speaker="Carl")
    rename_speaker(ben, transcript, "Speaker 1", "")

    told = [
        (change.by, change.line, change.speaker_before, change.speaker, change.text_before, change.text)
        for change in history(transcript)
    ]

    assert told == [
        (ben, None, "Ana", "Speaker 1", "", ""),
        (user, 1, "", "Carl", "the budget", ""),
        (ben, None, "Anna", "Ana", "", ""),
        (ben, 1, "", "", "", "the budget"),
        (user, None, "Speaker 1", "Anna", "", ""),
    ]
    assert {change.said for change in history(transcript) if change.line == 1} == {"the bucket"}


def test_the_row_changes_so_that_pages_notice(transcript, user):
    before = Transcript.objects.get(pk=transcript.pk).updated_at
    version = overlays.version_of(transcript)
    given = overlays.version_of(transcript, is_original=True)

    correct_line(user, transcript, 1, text="the budget")

    assert Transcript.objects.get(pk=transcript.pk).updated_at > before
    assert overlays.version_of(transcript) != version
    assert overlays.version_of(transcript, is_original=True) == given
    assert overlays.version_of(Transcript(pk=0)) == ""


def test_files_have_the_corrected_words_or_the_original_ones(transcript, user):
    rename_speaker(user, transcript, "Speaker 2", "Ben")
    correct_line(user, transcript, 1, text="the budget")

    for form in Format:
        corrected = written(transcript, words_of(transcript), Options(format=form))
        given = written(transcript, words_of(transcript, is_original=True), Options(format=form))
        if form is not Format.DOCX:
            assert b"the budget" in corrected
            assert b"Ben" in corrected
            assert b"bucket" not in corrected
            assert b"the bucket" in given
            assert b"Ben" not in given


def running(account, *pieces, status=Status.IN_PROGRESS):
    """Words that came piece by piece."""
    transcript = a_transcript(account, *pieces, status=status)
    text = TranscriptText.objects.get(transcript=transcript)
    text.utterances = [{**each, "sequence": number} for number, each in enumerate(text.utterances)]
    text.save()
    return transcript


def test_lines_that_are_still_spoken_cannot_be_corrected_but_named(account, user):
    transcript = running(account, said("hello", "Speaker 1"))

    with pytest.raises(CorrectionRefused, match="still being spoken"):
        correct_line(user, transcript, 0, text="hallo")
    assert rename_speaker(user, transcript, "Speaker 1", "Ana") is True


def test_a_correction_finds_its_line_again_when_pieces_came_before_it(account, user):
    transcript = running(account, said("yes"), said("the bucket"), said("yes"), status=Status.COMPLETED)
    correct_line(user, transcript, 1, text="the budget")
    correct_line(user, transcript, 2, text="Yes!")
    text = TranscriptText.objects.get(transcript=transcript)
    text.utterances = [{**text.utterances[0], "text": "late"}, *text.utterances]
    text.save()

    assert [line.text for line in overlaid(transcript)] == ["late", "yes", "the budget", "Yes!"]


def test_a_correction_whose_line_is_gone_is_not_shown(account, user):
    transcript = running(account, said("the bucket"), status=Status.COMPLETED)
    correct_line(user, transcript, 0, text="the budget")

    store(transcript, Utterance(text="quite another text"))

    assert [line.text for line in overlaid(transcript)] == ["quite another text"]
    assert len(history(transcript)) == 1


def test_names_and_corrections_move_with_the_words_of_a_double(account, user):
    kept = a_transcript(account)
    TranscriptText.objects.filter(transcript=kept).delete()
    gone = a_transcript(account, said("the bucket", "Speaker 1"))
    rename_speaker(user, gone, "Speaker 1", "Ana")
    correct_line(user, gone, 0, text="the budget")

    merging.merge(kept, gone)

    assert read(kept) == [("Ana", "the budget")]


def test_deleting_takes_names_corrections_and_history(transcript, user):
    rename_speaker(user, transcript, "Speaker 1", "Ana")
    correct_line(user, transcript, 1, text="the budget")

    burial.forget(transcript)

    assert overlaid(transcript) == ()
    assert history(transcript) == []
    assert not SpeakerName.objects.exists()
    assert not LineCorrection.objects.exists()


def test_rows_say_what_they_are(transcript, user):
    rename_speaker(user, transcript, "Speaker 1", "Ana")
    correct_line(user, transcript, 1, speaker="Ben")

    assert str(SpeakerName.objects.get()) == "Speaker 1: Ana"
    assert str(LineCorrection.objects.get()) == "Ben"
