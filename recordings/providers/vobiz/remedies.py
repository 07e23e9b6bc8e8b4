"""Vobiz's refusals, callbacks and transcript errors with their remedies (contract 1.2, 4.1, 5.4)."""

from recordings.providers.remedies import ANY, Owner, catalogue, entry, sign

OPERATOR, ADMINISTRATOR, PROVIDER, CALLER = Owner

REMEDIES = catalogue(
    entry(
        "400",
        "Vobiz found something wrong in the request.",
        "Open the order, correct the option that Vobiz names, and order it again.",
        OPERATOR,
        retry=True,
    ),
    entry(
        "401",
        "Vobiz did not accept the account's Auth ID and Auth Token, or the address was misspelt.",
        "Copy Auth ID and Auth Token anew from the Vobiz console into the account, leave its base address "
        "empty, then press Test. A token that was rotated ends at once.",
        ADMINISTRATOR,
        retry=True,
    ),
    entry(
        "402",
        "The Vobiz balance is used up.",
        "Top up the balance in the Vobiz console; recording and transcription are charged by the minute.",
        ADMINISTRATOR,
        retry=True,
    ),
    entry(
        "403",
        "This Vobiz account lacks the permission.",
        "Have the main account (MA_…) allow it to this sub-account (SA_…), or use the main account's token.",
        ADMINISTRATOR,
        retry=True,
    ),
    entry(
        "404",
        "Vobiz does not know the recording: it is unfinished, deleted, or past its 30 days.",
        "Wait a minute if it has just ended; else nothing brings it back. Rescue media within 30 days.",
        OPERATOR,
    ),
    entry(
        "call-over",
        "The phone call was over at Vobiz before the recording began.",
        "Nothing can be recorded any more. Start earlier next time; calls that are live stand on Now.",
        OPERATOR,
    ),
    entry(
        "409",
        "The call's present state at Vobiz conflicts with the order.",
        "Open the call, see what is being recorded on it by now, then order what is still wanted.",
        OPERATOR,
        retry=True,
    ),
    entry(
        "422",
        "Vobiz could read the order and finds a value in it impossible.",
        "Check time limit (at most 28800 seconds), file format and channels in the order's options.",
        OPERATOR,
        retry=True,
    ),
    entry(
        "429",
        "The account's calls per second or concurrent calls at Vobiz are used up.",
        "Wait a little; if it happens daily, ask Vobiz to raise the account's CPS and concurrency.",
        PROVIDER,
        retry=True,
    ),
    entry(
        "5xx",
        "Vobiz broke down while it was answering.",
        "Look whether the call is being recorded before starting again: each start is charged by itself.",
        PROVIDER,
        retry=True,
    ),
    entry(
        "file-too-large",
        "The file is too large for Vobiz to transcribe (2 GB at most).",
        "Set File format to mp3, or a shorter time limit, when starting the next recording.",
        OPERATOR,
    ),
    entry(
        "too-long",
        "The recording is too long for Vobiz to transcribe (4 hours at most).",
        "Set Time limit to 14400 seconds or less when a transcript is wanted, and start a second recording.",
        OPERATOR,
    ),
    entry(
        "too-short",
        "The recording is too short for Vobiz to transcribe (half a second at least).",
        "There are no words to be had. Look whether the call was cut right after it was answered.",
        CALLER,
    ),
    entry(
        "RecordingTimeout",
        "The recording ended because its time limit ran out.",
        "Set a longer Time limit when starting; Vobiz's own default is 60 seconds.",
        OPERATOR,
        normal=True,
    ),
    entry(
        "maxLength",
        "The recording reached the longest length that its call flow allows.",
        "Have whoever keeps the call flow raise maxLength of its <Record> element.",
        ADMINISTRATOR,
        normal=True,
    ),
    entry(
        "FinishedOnKey",
        "Somebody ended the recording by a key of the phone.",
        "Have whoever keeps the call flow change finishOnKey of its <Record> element, if that is unwanted.",
        CALLER,
        normal=True,
    ),
    entry(
        "HungUp",
        "The recording ended because somebody hung up.",
        "Nothing is wrong: the recording holds all that was said until then.",
        CALLER,
        normal=True,
    ),
)

# Voice answers carry no code, and a general one may: Tapedeck's sentence tells the status of both.
SIGNS = (
    sign("file-too-large", r"file size too large", ANY),
    sign("too-long", r"duration too long", ANY),
    sign("too-short", r"too short", ANY),
    sign("401", r"refused the Auth ID|\(HTTP 401\)", ANY),
    sign("402", r"balance of the Vobiz account|insufficient balance|\(HTTP 402\)", ANY),
    sign("403", r"this account may not do this|\(HTTP 403\)", ANY),
    sign("call-over", r"no longer active at Vobiz", ANY),
    sign("404", r"does not know this|recording not found|\(HTTP 404\)", ANY),
    sign("409", r"conflicts with the present state|\(HTTP 409\)", ANY),
    sign("422", r"finds a value of this order impossible", ANY),
    sign("429", r"too many requests of this account|rate limit|\(HTTP 429\)", ANY),
    sign("5xx", r"Vobiz failed on its own side|\(HTTP 5\d\d\)", ANY),
    sign("400", r"Vobiz did not accept what it was asked for|\(HTTP 400\)", ANY),
)
