"""Turns a file's bytes into text without losing one of them."""

import codecs
import re

# The longer mark first: UTF-32's begins like UTF-16's.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8", "UTF-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le", "UTF-32"),
    (codecs.BOM_UTF32_BE, "utf-32-be", "UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16-le", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16-be", "UTF-16"),
)
_ESCAPED = re.compile("[\udc80-\udcff]")  # how Python marks a byte that is not UTF-8


def decode(content: bytes) -> tuple[str, str]:
    """The text of a file, and a sentence on what was wrong with its bytes ("" when nothing was).

    UTF-8 with or without a byte order mark, UTF-16 and UTF-32 by their mark. Bytes that are not UTF-8
    are read one by one as Windows-1252, else Latin-1: an old file gets its accents, and a file that was
    cut inside a character keeps all its other letters.
    """
    for mark, encoding, name in _MARKS:
        if content.startswith(mark):
            return _decoded(content[len(mark) :], encoding, name)
    return _decoded(content, "utf-8", "UTF-8")


def _decoded(content: bytes, encoding: str, name: str) -> tuple[str, str]:
    try:
        return content.decode(encoding), ""
    except UnicodeDecodeError as exc:
        first = exc.start + 1
    if encoding != "utf-8":
        text = content.decode(encoding, "replace")
        return text, f"The file is not valid {name} from byte {first} on: letters are missing."
    text, count = _ESCAPED.subn(_windows, content.decode("utf-8", "surrogateescape"))
    what = "1 byte is" if count == 1 else f"{count} bytes are"
    return text, f"{what} not UTF-8, the first at {first}: read as Windows-1252, so letters may be wrong."


def _windows(found: re.Match[str]) -> str:
    byte = bytes([ord(found.group()) - 0xDC00])
    # Windows-1252 leaves five bytes undefined; Latin-1 knows them all.
    return byte.decode("cp1252", "ignore") or byte.decode("latin-1")
