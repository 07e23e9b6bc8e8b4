"""What the seeds showed: one line each, appended as they end, and the sums of them all."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.faults.runner import Outcome
from tests.faults.watch import CATEGORIES

FOLDER = Path(__file__).resolve().parents[2] / "var" / "faults"
Line = dict[str, Any]


class Report:
    """A file of lines. A seed that passed is not run again unless asked to; one that failed is."""

    def __init__(self, *, database: str, tier: str = "simulated", folder: Path = FOLDER) -> None:
        self.database, self.tier = database, tier
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / "report.jsonl"

    def add(self, outcome: Outcome) -> None:
        line = {"tier": self.tier, "database": self.database, **asdict(outcome)}
        with self._path.open("a") as file:
            file.write(json.dumps(line, default=str) + "\n")

    def passed(self) -> set[tuple[str, int]]:
        """Case and seed of what need not run again."""
        return {(line["case"], line["seed"]) for line in self.lines() if not line["problems"]}

    def lines(self) -> list[Line]:
        """The last line of each seed of this tier and database."""
        if not self._path.exists():
            return []
        every = (json.loads(text) for text in self._path.read_text().splitlines())
        mine = [line for line in every if (line["tier"], line["database"]) == (self.tier, self.database)]
        return list({(line["case"], line["seed"]): line for line in mine}.values())


def summary(lines: Iterable[Line]) -> str:
    """A table: each case with its seeds, orders, callbacks, and what was lost, twice, late or stuck."""
    cases: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        cases[line["case"]].append(line)
    rows = [_row(name, cases[name]) for name in sorted(cases, key=_number)]
    rows.append(_row("sum", [line for found in cases.values() for line in found]))
    head = f"{'case':5}{'seeds':>7}{'orders':>8}{'sent':>7}{'callbacks':>11}"
    head += "".join(f"{category:>7}" for category in (*CATEGORIES, "other")) + f"{'in doubt':>10}"
    return "\n".join([head, *rows])


def _row(name: str, lines: list[Line]) -> str:
    numbers: Counter[str] = Counter()
    problems: Counter[str] = Counter()
    doubts = 0
    for line in lines:
        told = line["numbers"]
        numbers.update({key: told.get(key, 0) for key in ("orders", "sent", "callbacks")})
        doubts += told.get("states", {}).get("in_doubt", 0)
        for category in {problem["category"] for problem in line["problems"]}:
            problems[category if category in CATEGORIES else "other"] += 1
    text = f"{name:5}{len(lines):7}{numbers['orders']:8}{numbers['sent']:7}{numbers['callbacks']:11}"
    return text + "".join(f"{problems[each]:7}" for each in (*CATEGORIES, "other")) + f"{doubts:10}"


def _number(name: str) -> tuple[int, str]:
    return (int(name[1:]), "") if name[1:].isdigit() else (99, name)
