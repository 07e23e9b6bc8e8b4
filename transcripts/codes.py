"""Writes a token in ASCII letters and digits, so that both databases take it as the one word it is."""

from functools import lru_cache

# The column's alphabet. Every ASCII letter and digit is itself but for "x", which opens a run of other
# characters: three symbols each, "z" and four for the rare ones; "y" closes it when ASCII follows. "xy" is
# the letter x. "xw" is the letter e behind nothing but digits: PostgreSQL would take 12e3ab for the number
# 12e3 and cut it. No code begins another, so the beginning of a token is the beginning of its code.
_SYMBOLS = "0123456789abcdefghijklmnopqrstuvwxyz"
_SHORT_BLOCKS = ((0x0080, 0x2000), (0x3000, 0x3400), (0x4E00, 0xA000), (0xAC00, 0xD7B0))


@lru_cache(maxsize=20_000)
def encode(token: str) -> str:
    """A token in ASCII letters and digits; one token begins another just when its code begins the other's."""
    digits = len(token) - len(token.lstrip("0123456789"))
    if token.isascii() and "x" not in token and not (digits and token[digits : digits + 1] == "e"):
        return token
    coded = []
    is_inside = False
    for index, letter in enumerate(token):
        if not letter.isascii():
            coded.append(("" if is_inside else "x") + _code(ord(letter)))
        elif letter == "e" and 0 < index == digits:
            coded.append("xw")
        else:
            coded.append(("y" if is_inside else "") + ("xy" if letter == "x" else letter))
        is_inside = not letter.isascii()
    return "".join(coded)


def _code(point: int) -> str:
    before = 0
    for first, past in _SHORT_BLOCKS:
        if first <= point < past:
            return _symbols(before + point - first, places=3)
        before += past - first
    return f"z{_symbols(point, places=4)}"


def _symbols(number: int, *, places: int) -> str:
    symbols = ""
    for _ in range(places):
        number, rest = divmod(number, len(_SYMBOLS))
        symbols = _SYMBOLS[rest] + symbols
    return symbols
