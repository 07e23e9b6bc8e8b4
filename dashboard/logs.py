"""Keeps addresses that grant access out of the log: query strings and webhook keys."""

import logging
import re

_QUERY = re.compile(r"(?<=[^\s?])\?[^\s'\"<>)\]]*[=&%][^\s'\"<>)\]]*")
_WEBHOOK = re.compile(r"(/webhooks/)[^\s?'\"<>)\]]+")


def mask(text: str) -> str:
    """Return `text` without query strings and without what follows `/webhooks/`."""
    return _WEBHOOK.sub(r"\1…", _QUERY.sub("?…", text))


class MaskedFormatter(logging.Formatter):
    """Masks whole lines, so that arguments and tracebacks are covered too."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as text, masked."""
        return mask(super().format(record))
