"""Where faults strike: before or after any statement of the database, before or after any exchange.

A frozen process is a call that has not come back yet: while it waits, the scenario goes on inside it.
"""

import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import OperationalError, connection

from tests.faults.cases import Case

DEEPEST = 3  # so many processes frozen inside each other
PRODUCT = ("recordings", "transcripts")
FROZEN_SECONDS = (2.0, 20.0, 62.0, 75.0, 400.0)


class Killed(BaseException):
    """This process is dead: nothing of it runs any more."""


class PowerLost(Killed):
    """Every process is dead."""


class DatabaseRefused(OperationalError):
    """The disk is full, or somebody holds the lock for too long."""


class Seams:
    """Decides, from the seed, what befalls whoever is acting."""

    def __init__(self, case: Case, rng: random.Random) -> None:
        self.case = case
        self.rng = rng
        self.is_on = True
        self.actor = ""  # "worker", "web", or "" for the harness itself
        self.depth = 0
        self.oftener = 1.0
        self.struck: Counter[str] = Counter()
        self.places: Counter[str] = Counter()
        self.while_frozen: Callable[[float], None] = lambda seconds: None
        self.on_open_transaction: Callable[[], None] = lambda: None

    @contextmanager
    def acting(self, actor: str) -> Iterator[None]:
        """Faults strike inside this block only."""
        before, self.actor = self.actor, actor
        try:
            yield
        finally:
            self.actor = before

    @contextmanager
    def hunting(self, oftener: float) -> Iterator[None]:
        """Faults strike so many times as often inside this block."""
        before, self.oftener = self.oftener, oftener
        try:
            yield
        finally:
            self.oftener = before

    def statement(self, execute: Callable[..., Any], sql: str, params: Any, many: Any, context: Any) -> Any:
        """A wrapper of Django's for every statement."""
        if not self.actor or not self.is_on:
            return execute(sql, params, many, context)
        self._before_statement()
        result = execute(sql, params, many, context)
        self._die(self.case.web_dies / 2 if self.actor == "web" else self.case.worker_dies / 2)
        return result

    def exchange(self, send: Callable[[], Any]) -> Any:
        """One request to a provider and its answer; the sender may not live to see it."""
        if connection.in_atomic_block:
            self.on_open_transaction()
        if not self.actor or not self.is_on:
            return send()
        self._freeze(self.case.freezes_in_call / 2)
        self._die(self.case.worker_dies_in_call / 2)
        result = send()
        self._freeze(self.case.freezes_in_call / 2)
        self._die(self.case.worker_dies_in_call / 2)
        return result

    def wait(self, seconds: float) -> None:
        """A provider that takes its time: others go on meanwhile."""
        self._frozen(seconds)

    def _before_statement(self) -> None:
        if self.actor == "web":
            self._die(self.case.web_dies / 2)
        else:
            self._die(self.case.worker_dies / 2)
            if not connection.in_atomic_block:
                self._freeze(self.case.freezes)
        if self._befalls(self.case.database_fails):
            self.strike("refused by the database")
            raise DatabaseRefused("database or disk is full")

    def _befalls(self, probability: float) -> bool:
        return self.rng.random() < probability * self.oftener

    def _die(self, probability: float) -> None:
        if self._befalls(probability):
            self.strike(f"{self.actor} killed")
            raise Killed

    def _freeze(self, probability: float) -> None:
        if self.actor == "worker" and self.depth < DEEPEST and self._befalls(probability):
            self.strike("worker frozen")
            self._frozen(self.rng.choice(FROZEN_SECONDS))

    def _frozen(self, seconds: float) -> None:
        self.depth += 1
        try:
            with self.acting(""), self.hunting(1.0):
                self.while_frozen(seconds)
        finally:
            self.depth -= 1

    def strike(self, what: str) -> None:
        self.struck[what] += 1
        self.places[f"{what} at {_place()}"] += 1


def _place() -> str:
    """The innermost function of the product that is running."""
    frame: Any = sys._getframe(2)
    while frame is not None:
        module = frame.f_globals.get("__name__", "")
        if module.partition(".")[0] in PRODUCT and "models" not in module:
            return f"{module}.{frame.f_code.co_name}"
        frame = frame.f_back
    return Path(__file__).stem
