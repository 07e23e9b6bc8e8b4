"""What must hold at every moment: each order sent at most once where once is all, none late, nothing lost."""

import random
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection

from recordings.models import Errand, Operation, WebhookDelivery
from recordings.providers.errors import ProviderError, Refused, Throttled
from recordings.providers.orders import Order, Repeat
from recordings.providers.snapshots import RANK, Status
from recordings.sync.evidence import ABSENT
from tests.faults.seams import Killed
from tests.simulators.outbox import Callback

PING = "ping"  # answered and forgotten
CATEGORIES = ("lost", "twice", "late", "stuck")


@dataclass(frozen=True, kw_only=True)
class Problem:
    """An invariant that did not hold; ``category`` is one of ``CATEGORIES`` or another word."""

    category: str
    text: str


@dataclass(kw_only=True)
class Sending:
    """One time that a worker brought an order to an adapter."""

    operation_id: int
    kind: str
    repeat: Repeat
    buckets: tuple[str, ...] = ("",)
    writes: int = 0
    outcome: str = ""  # "" while it runs, or for ever if its worker died


@dataclass(kw_only=True)
class Watch:
    """Looks on from outside: at what leaves, at what comes in, and at the rows between."""

    now: Callable[[], datetime]
    quietly: Callable[[], AbstractContextManager[None]]  # no fault strikes the onlooker
    rng: random.Random
    poison: float = 0.0
    problems: list[Problem] = field(default_factory=list)
    callbacks: int = 0
    acknowledged: dict[int, tuple[Callback, int]] = field(default_factory=dict)
    sendings: dict[int, list[Sending]] = field(default_factory=lambda: defaultdict(list))
    current: Sending | None = None  # what the worker that runs now is sending
    deaths_of: Counter[str] = field(default_factory=Counter)
    is_clock_true: bool = True
    _poisoned: dict[str, bool] = field(default_factory=dict)
    _ranks: dict[int, tuple[int, str]] = field(default_factory=dict)
    _ended: dict[int, tuple[str, str]] = field(default_factory=dict)
    _closed: dict[tuple[int, str], datetime] = field(default_factory=dict)

    def problem(self, category: str, text: str) -> None:
        found = Problem(category=category, text=text)
        if found not in self.problems:
            self.problems.append(found)

    # What leaves.

    def perform(self, original: Callable[..., Any], adapter: Any, order: Order) -> Any:
        """In the place of an adapter's ``perform``."""
        with self.quietly():
            operation = Operation.objects.filter(send_key=order.send_key).first()
        self._kill_if_poisoned(f"perform {operation.pk if operation else order.key}")
        if operation is None:
            self.problem("unmarked", f"{order.kind} leaves under a key that no order has")
            return original(adapter, order)
        action = adapter.action(order.kind)
        sending = Sending(operation_id=operation.pk, kind=order.kind, repeat=action.repeat)
        sending.buckets = action.buckets or ("",)
        self.sendings[operation.pk].append(sending)
        self.current = sending
        try:
            answer = original(adapter, order)
        except Throttled as exc:
            sending.outcome = "refused"
            self._close(operation, action, exc)
            raise
        except Refused:
            sending.outcome = "refused"
            raise
        except ProviderError:
            sending.outcome = "unknown"
            raise
        finally:
            self.current = None
        sending.outcome = "answered"
        return answer

    def evidence(self, original: Callable[..., Any], adapter: Any, order: Order) -> Any:
        with self.quietly():  # By the order itself: a start and the stop of what it made have one key.
            operation = Operation.objects.filter(send_key=order.send_key).first()
        self._kill_if_poisoned(f"evidence {operation.pk if operation else order.key}")
        return original(adapter, order)

    def read(self, original: Callable[..., Any], adapter: Any, delivery: Any) -> Any:
        self._kill_if_poisoned(f"read {zlib.crc32(delivery.body)}")
        return original(adapter, delivery)

    def fetch(
        self, original: Callable[..., Any], adapter: Any, kind: str, external_id: str, **more: Any
    ) -> Any:
        with self.quietly():  # One thing may be read for two reasons, each an item of its own.
            leased = Errand.objects.filter(subject=external_id).exclude(lease_token=None)
            errand = leased.order_by("-lease_until", "-pk").first()
        self._kill_if_poisoned(f"fetch {errand.kind if errand else kind} {external_id}")
        return original(adapter, kind, external_id, **more)

    def leaves(self, method: str) -> None:
        """A request is about to go to a provider."""
        sending = self.current
        if sending is None or method == "GET":
            return
        sending.writes += 1
        with self.quietly():
            operation = Operation.objects.get(pk=sending.operation_id)
        if operation.state != Operation.State.SENT:
            self.problem("unmarked", f"{operation.kind} {operation.pk} leaves while it is {operation.state}")
        self._check_pace(operation, sending)
        if operation.not_after is not None and self.now() > operation.not_after:
            by = (self.now() - operation.not_after).total_seconds()
            self.problem("late", f"{operation.kind} {operation.pk} was sent {by:.1f} s too late")
        if sending.repeat is not Repeat.ONCE:
            return
        earlier = [each for each in self.sendings[operation.pk] if each is not sending and each.writes]
        if sending.writes > 1 or any(each.outcome != "refused" for each in earlier):
            self.problem("twice", f"{operation.kind} {operation.pk} was sent again after an unknown outcome")

    def _check_pace(self, operation: Operation, sending: Sending) -> None:
        for name in sending.buckets:
            until = self._closed.get((operation.account_id, name))
            if self.is_clock_true and until is not None and self.now() < until:
                early = (until - self.now()).total_seconds()
                self.problem("early", f"{operation.kind} left {early:.1f} s before Retry-After")

    def _close(self, operation: Operation, action: Any, exc: Throttled) -> None:
        if exc.retry_after_seconds:
            name = exc.bucket or next(iter(action.buckets), "")
            until = datetime.fromtimestamp(
                self.now().timestamp() + exc.retry_after_seconds, self.now().tzinfo
            )
            self._closed[operation.account_id, name] = until

    def _kill_if_poisoned(self, name: str) -> None:
        if not self.poison:
            return
        if name not in self._poisoned:
            self._poisoned[name] = self.rng.random() < self.poison
        if self._poisoned[name]:
            self.deaths_of[name] += 1
            raise Killed

    # What comes in.

    def came_in(self, account_id: int, callback: Callback, query: str, status: int) -> None:
        """A callback was answered; the server may still die before the provider hears of it."""
        self.callbacks += 1
        if status >= 500 and status != 503:
            self.problem("error", f"a callback was answered with {status}")
        if not 200 <= status < 300 or id(callback) in self.acknowledged:
            return
        rows = WebhookDelivery.objects.filter(account=account_id, query=query, body=callback.body)
        erased = WebhookDelivery.objects.filter(account=account_id, is_erased=True, duplicates__gt=0)
        row = rows.first() or erased.first()
        if row is None and callback.event != PING:
            self.problem("lost", f"{callback.event} was answered with {status} and has no row")
        if row is not None:
            self.acknowledged[id(callback)] = callback, row.pk

    def check_deliveries(self) -> None:
        """Every acknowledged callback has its row, and one only."""
        rows = dict(WebhookDelivery.objects.values_list("pk", "dedupe_id"))
        for callback, row in self.acknowledged.values():
            if row not in rows:
                self.problem("lost", f"{callback.event} was acknowledged, and its row is gone")
        bodies = Counter(
            (account, query, bytes(body))
            for account, query, body in WebhookDelivery.objects.filter(is_erased=False).values_list(
                "account_id", "query", "body"
            )
        )
        for (account, _, body), count in bodies.items():
            if count > 1:
                self.problem("doubled", f"account {account}: {count} rows hold {body[:80]!r}")

    # The rows between.

    def check_rows(self) -> None:
        """What must not go back does not."""
        self._check_statuses()
        for pk, state, code in _rows("SELECT id, state, outcome_code FROM recordings_operation ORDER BY id"):
            before = self._ended.get(pk, (state, code))
            if before[0] != state and before != (Operation.State.FAILED, ABSENT):
                self.problem("reopened", f"order {pk} had ended as {before[0]} and is {state} now")
            if state not in Operation.OPEN_STATES:
                self._ended[pk] = state, code

    def _check_statuses(self) -> None:
        """No status of a recording that the provider has named goes backwards."""
        for pk, status, external_id in _rows(_NAMED):
            rank = RANK[Status(status)]
            before, word = self._ranks.get(pk, (rank, status))
            if rank < before:
                self.problem("backwards", f"recording {external_id} went from {word} to {status}")
            self._ranks[pk] = rank, status


_NAMED = "SELECT id, status, external_id FROM recordings_recording WHERE external_id <> '' ORDER BY id"


def _rows(sql: str) -> list[Any]:
    """Asked after every step of every seed: without what an object for each row would take."""
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())
