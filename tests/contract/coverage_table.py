"""Reads the table of capabilities: one file a provider in ``coverage/``, one row a fact of its contract.

``where or why`` of a row that is done names where it is done, in words that are checked, and perhaps a note
behind " -- ". Of one that is not offered it names the section of the contract that advises against it or
calls it inferred, beta or undocumented. The words:

    action:<kind>  method:<of the adapter>  bucket:<name>  config:<field>  kind:<of transcripts>
    code:<module.attribute below recordings.providers>[=<one of its entries>]
    option:<action>:<name>[=<choice|choice>]  sent:<action>:<place in its body>
    <table of words>:<what the adapter makes of the row's word>       (of a status)
    fixture:<file>[@<path of the callback>]  ignored:<file>           (of an event)
    http:<status>  on:<action, or read>  raises:<class>  remedy:<code>  words:<name in coverage_words>
"""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "coverage"
HEADER = ["section", "kind", "name", "state", "where or why"]
KINDS = ("capability", "option", "status", "event", "error")
DONE, NOT_OFFERED = "done", "not offered"
NOTE = " -- "


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One fact of a contract."""

    section: str
    kind: str
    name: str
    state: str
    where: str

    @property
    def references(self) -> list[tuple[str, str]]:
        """The words of a row that is done: what it is, and its name."""
        words = self.where.partition(NOTE)[0].split()
        return [(word.partition(":")[0], word.partition(":")[2]) for word in words]

    def named(self, what: str) -> list[str]:
        return [name for kind, name in self.references if kind == what]

    def one(self, what: str, default: str = "") -> str:
        return next(iter(self.named(what)), default)

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


@cache
def lines(slug: str) -> list[list[str]]:
    """The header and the rows; a provider without a file has no rows, which fails."""
    path = FOLDER / f"{slug}.csv"
    if not path.exists():
        return [HEADER]
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def rows(slug: str, *kinds: str, state: str = DONE) -> list[Row]:
    """The rows of a provider, of these kinds or of all."""
    found = [
        Row(section=section, kind=kind, name=name, state=told, where=where)
        for section, kind, name, told, where in lines(slug)[1:]
    ]
    return [row for row in found if row.kind in (kinds or KINDS) and row.state == state]


def references(slug: str, what: str) -> set[str]:
    """All names that the rows of a provider give of one kind of thing."""
    return {name for row in rows(slug) for name in row.named(what)}
