"""Only adapters, their simulators, their tests and the documents name a provider."""

import re
from pathlib import Path

import pytest

BASE = Path(__file__).parents[2]
NAMES = re.compile(r"\b(recall(\.ai)?|twilio|vobiz|daily)\b", re.IGNORECASE)
ROOMS = ("dashboard", "recordings", "transcripts", "templates", "static")


def files() -> list[Path]:
    found = [
        path
        for room in ROOMS
        for path in (BASE / room).rglob("*")
        if path.suffix in {".py", ".html", ".js", ".css"} and "vendor" not in path.parts
    ]
    return [path for path in found if "providers" not in path.relative_to(BASE).parts]


@pytest.mark.parametrize("path", files(), ids=lambda path: str(path.relative_to(BASE)))
def test_file_names_no_provider(path: Path) -> None:
    lines = path.read_text().splitlines()

    named = [f"{number}: {line.strip()}" for number, line in enumerate(lines, 1) if NAMES.search(line)]

    assert named == []


def test_pattern_finds_a_name() -> None:
    assert NAMES.search("Ask Recall.ai for it")
    assert not NAMES.search("what was recalled")
