import logging
import sys

import pytest

from dashboard.logs import MaskedFormatter, mask


@pytest.mark.parametrize(
    ("line", "masked"),
    [
        ("Not Found: /webhooks/twilio/a1b2/status", "Not Found: /webhooks/…"),
        ('"POST /webhooks/recall/a1b2?key=9 HTTP/1.1" 200', '"POST /webhooks/…?… HTTP/1.1" 200'),
        ("GET https://media.example/f.mp4?X-Signature=abc%3D", "GET https://media.example/f.mp4?…"),
        ("what now? nothing=here", "what now? nothing=here"),
    ],
)
def test_addresses_that_grant_access_are_masked(line, masked):
    assert mask(line) == masked


def test_arguments_and_tracebacks_are_masked_too():
    try:
        int("https://media.example/f.mp4?token=secret")
    except ValueError:
        caught = sys.exc_info()
    record = logging.LogRecord("name", logging.ERROR, "file", 1, "at %s", ("/webhooks/daily/secret",), caught)

    text = MaskedFormatter("{message}", style="{").format(record)

    assert "secret" not in text
    assert "at /webhooks/…" in text
