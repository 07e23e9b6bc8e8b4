"""What is kept or shown carries neither secrets nor links that grant access."""

from recordings.providers.scrub import REMOVED, scrubbed_text

SECRET = "a-long-secret"


def test_json_body_is_scrubbed_as_json() -> None:
    body = f'{{"share_token": "t", "note": "{SECRET}", "download_url": "https://s.example/f?sig=1"}}'

    shown = scrubbed_text(body, secrets=[SECRET])

    assert SECRET not in shown
    assert "sig=1" not in shown
    assert shown.count(REMOVED) == 3


def test_any_other_body_is_scrubbed_by_its_links() -> None:
    shown = scrubbed_text(f"RecordingUrl https://s.example/f?X-Amz-Signature=1 {SECRET}", secrets=[SECRET])

    assert shown == f"RecordingUrl https://s.example/f?{REMOVED} {REMOVED}"
