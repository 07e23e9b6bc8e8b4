"""Spans of time in words; static/tapedeck.js says the same as time goes on."""

_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


def age_text(seconds: float) -> str:
    """Return "5 s ago", "3 min ago", "2 h ago", or "in 4 d" for what is to come."""
    span = abs(int(seconds))
    if span == 0:
        return "now"
    size, unit = next(each for each in _UNITS if span >= each[0])
    text = f"{span // size} {unit}"
    return f"in {text}" if seconds < 0 else f"{text} ago"


def clock_text(seconds: float) -> str:
    """Return "4:07" or "1:02:33"."""
    minutes, rest = divmod(max(0, int(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
