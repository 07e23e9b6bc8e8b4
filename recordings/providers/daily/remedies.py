"""Daily's codes, and what hides in its words, with their remedies (contract 1, 2.3, 2.4, 4, 5.1)."""

from recordings.providers.remedies import ANY, Owner, catalogue, entry, sign

OPERATOR, ADMINISTRATOR, PROVIDER, CALLER = Owner

REMEDIES = catalogue(
    entry(
        "s3-permission",
        "Daily's role may not write to, or read from, your own S3 bucket.",
        "In AWS, add {action} on {bucket} to the policy of the role {role} (and its objects: /*); then check "
        "recordings_bucket or transcription_bucket of the room and the domain at Daily.",
        ADMINISTRATOR,
        retry=True,
    ),
    entry(
        "s3-credentials",
        "Daily could not take on the role that you gave it for your S3 bucket.",
        "In AWS, let the trust policy of the role in assume_role_arn name Daily's account with your domain's "
        "name as external id; the role must allow sts:AssumeRole.",
        ADMINISTRATOR,
        retry=True,
    ),
    entry(
        "s3-bucket",
        "The S3 bucket that Daily should write to does not exist, or not in that region.",
        "At Daily, correct bucket_name and bucket_region of the room's and the domain's bucket: they must be "
        "those of AWS. Named in the error: {bucket}.",
        ADMINISTRATOR,
        retry=True,
    ),
    entry(
        "authorization-header-error",
        "The API key did not reach Daily whole.",
        "Paste the key into the account again, without spaces or quotes around it.",
        ADMINISTRATOR,
        retry=True,
    ),
    entry(
        "authentication-error",
        "Daily knows no such API key.",
        "In Daily's dashboard under Developers, copy the API key of this very domain into the account, then "
        "press Test.",
        ADMINISTRATOR,
        retry=True,
    ),
    entry(
        "other-domain",
        "The API key belongs to another Daily domain than this account.",
        "Enter the key of the domain that the account names, or make a second account for the other domain.",
        ADMINISTRATOR,
        retry=True,
    ),
    entry(
        "payment",
        "Daily asks for a payment or a card on the domain.",
        "Have the owner of the domain add a card in Daily's dashboard under Billing: recording, transcripts "
        "and webhooks need one.",
        ADMINISTRATOR,
        retry=True,
    ),
    entry(
        "forbidden-error",
        "The key is right, but Daily does not let it reach this.",
        "For files in your own bucket, set allow_api_access to true in the bucket's settings at Daily.",
        ADMINISTRATOR,
        retry=True,
    ),
    entry(
        "not-found",
        "Daily does not know the room, recording or transcript any more.",
        "Open it here and read it again: if Daily deleted it, nothing is left there to order about.",
        OPERATOR,
    ),
    entry(
        "nobody",
        "Nobody was in the room.",
        "Wait until Now shows the room live, then start again; a room that has just filled needs seconds.",
        CALLER,
        retry=True,
    ),
    entry(
        "rate-limit-error",
        "The domain sent Daily more requests than its pace allows.",
        "Wait half a minute. Starts are limited to five in five seconds, whoever sends them with this key.",
        OPERATOR,
        retry=True,
    ),
    entry(
        "server-error",
        "Daily broke down on its own side.",
        "Look at Daily's status page; then see whether it happened before it is ordered again.",
        PROVIDER,
        retry=True,
    ),
    entry(
        "no-recorders",
        "All of Daily's recorders were busy.",
        "Start once more in a minute. Nothing was begun and nothing is charged.",
        PROVIDER,
        retry=True,
    ),
    entry(
        "json-parsing-error",
        "The request reached Daily garbled.",
        "Have the proxy between Tapedeck and Daily checked: something on the way alters bodies.",
        ADMINISTRATOR,
        retry=True,
    ),
    entry(
        "invalid-request-error",
        "Daily found the request wrong, or impossible at that moment.",
        "Read what Daily says below; correct that option, or wait for the call to be in the right state.",
        OPERATOR,
        retry=True,
    ),
    entry(
        "active-stream",
        "One is running in this room already.",
        "Stop it first; or have Daily's support raise max_streaming_instances_per_room for the domain.",
        OPERATOR,
        retry=True,
    ),
    entry(
        "not-sfu",
        "The call was still carried from person to person, past Daily's servers.",
        "Set sfu_switchover of the room to 0.5 at Daily, or try again once a third person has joined.",
        ADMINISTRATOR,
        retry=True,
    ),
    entry(
        "call-closed",
        "The call ended before the command reached it.",
        "There is nothing left to record. Start sooner, or let a rule start recordings of this room.",
        CALLER,
    ),
    entry(
        "deepgram-key",
        "The Deepgram key that is set at Daily is not valid.",
        "Put a valid key into enable_transcription of the domain at Daily (deepgram:KEY), or remove it to "
        "use Daily's own.",
        ADMINISTRATOR,
        retry=True,
    ),
    entry(
        "not-enabled",
        "This kind of recording is not switched on for the room.",
        "At Daily, set enable_recording of the room or the domain to cloud, cloud-audio-only or raw-tracks, "
        "as was ordered.",
        ADMINISTRATOR,
        retry=True,
    ),
    entry(
        "webhook-unreachable",
        "Daily could not reach Tapedeck's webhook address, or got no 200 there.",
        "Check PUBLIC_URL, its certificate and the proxy before it; then make the webhook again on the "
        "account's page.",
        ADMINISTRATOR,
        retry=True,
    ),
    entry(
        "not-stored",
        "Daily kept no words of this live transcript, for storing was off.",
        "Set enable_transcription_storage to true on the room or the domain before the next call; it brings "
        "nothing back. A recording of the call can be transcribed instead.",
        ADMINISTRATOR,
    ),
    entry(
        "cloud-recording-error",
        "Daily's recorder broke off or never began.",
        "Start it again if the call goes on. If it happens again, send Daily's support the room and the "
        "time.",
        PROVIDER,
        retry=True,
    ),
    entry(
        "canceled",
        "Daily cancelled the recording and kept nothing.",
        "Usually nobody had a camera or microphone on: ask the people in the room, then start again.",
        CALLER,
        retry=True,
    ),
    entry(
        "silent-audio",
        "Daily found no speech it could transcribe: the sound may be silent or damaged.",
        "Play the recording. If people are heard, order again with the language that they speak.",
        OPERATOR,
        retry=True,
    ),
    entry(
        "source-unreadable",
        "Daily could not read the recording that it should transcribe.",
        "Set recordings_bucket of the domain to the same bucket as the room's, and do not delete a recording "
        "while a transcript of it is made.",
        ADMINISTRATOR,
        retry=True,
    ),
    entry(
        "no-sound",
        "It has no length: nothing was said or shown.",
        "Nothing can be got out of it. See who was in the room, and start when people are talking.",
        CALLER,
    ),
    entry(
        "t_error",
        "Daily could not keep the live transcript and gives no reason.",
        "Transcribe a recording of the call instead, or ask Daily's support with the transcript's id.",
        PROVIDER,
    ),
    entry(
        "job-exists",
        "Daily holds a transcript of this recording that is not shown here yet.",
        "Run a sweep on the account's page; order again only if what it brings is not what is wanted.",
        OPERATOR,
        retry=True,
    ),
    entry(
        "job-open",
        "A transcript was still being made of the recording that should be deleted.",
        "Wait until that transcript is finished, or delete it, and then delete the recording.",
        OPERATOR,
        retry=True,
    ),
)

_S3 = {"action": "s3:PutObject and s3:GetObject", "bucket": "the bucket", "role": "in assume_role_arn"}
_AMONG = ("", "invalid-request-error", "cloud-recording-error", "clourd-recording-err", "forbidden-error")
_RECORDER = ("cloud-recording-error", "clourd-recording-err", "")
SIGNS = (
    # "User: arn:aws:sts::1:assumed-role/NAME/session is not authorized to perform: s3:PutObject on resource:
    # "arn:aws:s3:::BUCKET/key"": role, permission and bucket, as far as AWS told them.
    sign(
        "s3-permission",
        r"(?:(?:assumed-)?role/(?P<role>[\w+=,.@-]+)\S*\s+)?is not authorized to perform:? "
        r"(?P<action>s3:\w+)(?:.{0,40}?arn:aws[\w-]*:s3:::(?P<bucket>[\w.-]+))?",
        ANY,
        **_S3,
    ),
    sign("s3-permission", r"\b(?:access ?denied)\b", *_AMONG, **_S3),
    sign("s3-credentials", r"STS credentials|AssumeRole", *_AMONG),
    sign(
        "s3-bucket",
        r"NoSuchBucket|PermanentRedirect|bucket (?P<bucket>[\w.-]*) ?does not exist",
        *_AMONG,
        bucket="none",
    ),
    sign("not-stored", r"enable_transcription_storage|were not stored", *_AMONG),
    sign("silent-audio", r"invalid or silent|failed to transcribe", *_AMONG),
    sign("source-unreadable", r"(?:download|fetch)\w*.{0,60}\b403\b|\b403\b.{0,60}download", *_AMONG),
    sign("no-sound", r"length of zero|gives this recording no length", *_AMONG),
    sign("t_error", r"Daily could not store the transcript", *_AMONG),
    sign("canceled", r"Daily cancelled this recording", *_AMONG),
    sign("nobody", r"Nobody is in the room|hosting a call", "", "not-found"),
    sign("no-recorders", r"recorders are busy|no recording workers", "", "server-error"),
    sign("payment", r"asks for a payment|\(HTTP 402\)", ANY),
    sign("active-stream", r"active stream|running in this room already", *_AMONG),
    sign("not-sfu", r"\bsfu\b|peer to peer", *_AMONG),
    sign("call-closed", r"was closed|ended before the command", *_AMONG),
    sign("deepgram-key", r"deepgram.{0,40}(?:key|not valid|invalid)", *_AMONG),
    sign("not-enabled", r"not enabled|enable_recording", *_AMONG),
    sign("webhook-unreachable", r"from webhook endpoint", *_AMONG),
    sign("cloud-recording-error", r".", "clourd-recording-err"),  # the schema's slip of the pen
    sign("cloud-recording-error", r"met an error with the recording", *_RECORDER),
    # Bodies without a code: Tapedeck's own sentence tells the status.
    sign("authentication-error", r"does not accept the API key"),
    sign("forbidden-error", r"does not let this API key reach"),
    sign("not-found", r"Daily does not know this"),
    sign("rate-limit-error", r"too many requests of this account"),
    sign("server-error", r"Daily failed on its own side"),
    sign("invalid-request-error", r"Daily did not accept this"),
)
