"""What the contract marks as uncertain: attributes of the simulator, defaults as the contract advises."""


class Switches:
    """Set one as an attribute, or several by the control ``switch``."""

    # Paths, credentials and limits.
    missing_slash_status = 401  # reported as 401 and as 404 (1.1)
    live_list_slash = "both"  # "both", "slash" or "bare": with which spelling the live list answers (2.1)
    error_shape = 1  # 1 general, 2 voice, 3 flat: the body of every error but a voice resource's 404 (1.2)
    is_out_of_balance = False  # starting a recording answers 402
    requests_per_second = 0  # 0: no limit; whether reads are limited is unknown (1.3)
    sends_retry_after = False  # a Retry-After header beside ``details.retryAfter`` (1.3)

    # Starting and stopping.
    start_status = 200  # Plivo answers 202 (2.3)
    start_has_url = True  # the OpenAPI example shows no ``url`` (2.3)
    unknown_fields = "ignore"  # or "refuse": fields of a start that no page documents
    plain_http = "loopback"  # callback addresses without TLS: "loopback", "everywhere" or "never" (5.3)
    unmatched_url = "all"  # a stop whose URL is no recording's: stops "all", or "nothing" (2.4)
    hangup_in_start_seconds = (
        0.0  # the call ends inside the start, so long after it: its callback comes first
    )

    # Stored recordings.
    finalise_seconds = 1.0  # from the end of the audio to the finished file
    row_lag_seconds = 0.0  # from the recording callback to the row in the list (question 7)
    file_lag_seconds = 0.0  # from the recording callback to the file (question 7)
    durations = "speech"  # as the audio that is served, or "clock": as long as it really ran
    old_shapes = False  # retrieved recording in ``objects``, live call in ``calls`` (2.2, 3.2)
    sort = "newest"  # or "oldest": not promised (1.4)
    ignores_offset = False  # every page is the first one
    list_shrinks = 0  # after each page with a next, so many of the newest rows are deleted by somebody
    null_times = "some"  # "some", "never" or "always": start and end of a row (3.3)
    add_time_style = "mixed"  # or "iso", as the object page claims (3.3)
    number_style = "strings"  # or "numbers": durations of a row, as the object page claims (3.3)
    can_bulk_delete = True  # DELETE Recording/ without an id deletes every recording (3.4)
    retention_days = 30  # afterwards the file is gone (3.5)
    retention_drops_row = True  # and the row with it (question 12; the error table says 404 for expired)

    # Media.
    media_origin = ""  # "" for the caller's own, so that one socket serves all; else such as a media host
    media_redirect = ""  # an origin: media answers 302 to a link there that needs no credentials
    media_ranges = False  # unknown (3.5)
    wav_inside_mp3 = False  # the bytes are WAV whatever name, type and format say (3.5)

    # Transcription.
    transcription_seconds = 20.0  # from the finished file to the text; really up to 5 minutes
    transcription_error = ""  # every transcription fails with these words
    transcription_callback = True  # False: the text is made, and never sent
    transcription_fields = "rest"  # "rest", "xml" or "both" (5.2)
    transcription_api = False  # Plivo's Transcription resource (4.2)
    deleting_stops_transcription = (
        False  # unknown (3.4): by default the text of a deleted recording still comes
    )

    # Callbacks.
    callback_encoding = "form"  # "form", "json", or "json_as_form": JSON under a form header (5.3)
    callback_keys = "snake"  # or "pascal" (5.4)
    callback_method = ""  # "GET" or "POST" for recording callbacks, whatever the start asked for
    callback_decimals = False  # numbers as "7880.00000" (5.3)
    general_fields = False  # ``Event``, ``timestamp``, ``auth_id``, ``CallUUID`` too (5.3)
    callback_retries = 3
    retry_seconds = 2.0  # before the first retry, doubled for each further one; the contract gives no number

    # Signatures (5.5). Present only where credentials are configured on the callback URL.
    signatures = ""  # any of "v1", "v2", "v3", "ma-v2", "ma-v3", joined by "+"
    signatures_wrong = False  # well-formed, made with another key
    signature_drops_port = False  # base without port and userinfo, as in the Ruby sample
    reuses_nonce = False  # a retry carries the nonce of the first attempt
    parent_token = "sim-parent-token"  # of the main account above a sub-account


def switch_names() -> list[str]:
    return [name for name in vars(Switches) if not name.startswith("_")]
