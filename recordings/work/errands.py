"""Performs errands: repeatable reads and local jobs, long ones in steps from a stored cursor."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import transaction

from recordings import clock, connections
from recordings.models import Account, Errand
from recordings.providers.base import ProviderAdapter
from recordings.providers.errors import CredentialsRefused, ProviderError, Refused, Throttled
from recordings.work import health, pace
from recordings.work.leases import DEATHS_ALLOWED, Lease

State = Errand.State
TRIES_ALLOWED = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What came of one step. ``write`` runs in the settling transaction, after the lease was compared.

    With ``cursor`` the errand goes on from there at once, with ``due_in_seconds`` later; else it is
    done, or comes again when it is a standing one.
    """

    write: Callable[[], None] = lambda: None
    cursor: dict[str, Any] | None = None
    due_in_seconds: float | None = None
    progress: dict[str, Any] = field(default_factory=dict)
    every_seconds: float | None = None  # a standing errand's new rhythm


Handler = Callable[[Errand, ProviderAdapter], Step]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """How one kind of errand is done. ``reads`` names the adapter's method whose pace it keeps."""

    handler: Handler
    reads: str = ""
    on_given_up: Callable[[Errand, str], None] = lambda errand, problem: None


@dataclass(frozen=True, slots=True, kw_only=True)
class Local:
    """An errand that needs no provider: it is done also where the account's credentials cannot be read."""

    handler: Callable[[Errand], Step]
    on_given_up: Callable[[Errand, str], None] = lambda errand, problem: None


_kinds: dict[str, Kind | Local] = {}


def register(kind: str, handler: Kind | Local) -> None:
    """Called from ``AppConfig.ready`` by the package that knows how."""
    _kinds[kind] = handler


def perform(lease: Lease) -> None:
    """Do one step of an errand. A read that fails is tried again, later and later."""
    errand = Errand.objects.select_related("account").get(pk=lease.item.pk)
    lease.item = errand
    kind = _kinds.get(errand.kind)
    if kind is None or errand.deaths >= DEATHS_ALLOWED:
        known = "Its worker died over it several times: it was put aside."
        _give_up(lease, errand, kind, known if kind else f"No errand is called {errand.kind}.")
        return
    if isinstance(kind, Local):
        _settle(lease, errand, kind.handler(errand))
        return
    try:
        adapter = connections.open_account(errand.account)
        wait = pace.take(errand.account, adapter, adapter.read_buckets.get(kind.reads, ()))
        if wait > 0:
            _postpone(lease, errand, wait)
            return
        step = kind.handler(errand, adapter)
    except ProviderError as exc:
        _settle_error(lease, errand, kind, exc)
        return
    if kind.reads:
        health.note_success(errand.account)
    _settle(lease, errand, step)


def standing(account: Account, kind: str, *, every_seconds: float, lane: int) -> Errand:
    """An errand that comes again; made once an account."""
    errand, _ = Errand.objects.get_or_create(
        account=account,
        kind=kind,
        subject="",
        state=State.QUEUED,
        defaults={"every_seconds": every_seconds, "lane": lane, "due_at": clock.now()},
    )
    return errand


def _postpone(lease: Lease, errand: Errand, seconds: float) -> None:
    """The provider's pace allows it later: nothing was tried, and whom it killed before stays counted."""
    due_at = clock.now() + timedelta(seconds=seconds)
    lease.settle(errand, due_at=due_at, attempts=errand.attempts - 1, deaths=errand.deaths)


def _settle(lease: Lease, errand: Errand, step: Step) -> None:
    now = clock.now()
    with transaction.atomic():
        changes: dict[str, Any] = {"problem": "", "progress": step.progress or errand.progress}
        if step.cursor is not None or step.due_in_seconds is not None:
            changes["due_at"] = now + timedelta(seconds=step.due_in_seconds or 0)
            changes["cursor"] = errand.cursor if step.cursor is None else step.cursor
            changes["step"] = errand.step + 1
            changes["attempts"] = 0
        elif errand.every_seconds is not None:
            every = step.every_seconds or errand.every_seconds
            changes |= {"due_at": now + timedelta(seconds=every), "every_seconds": every, "cursor": {}}
            changes |= {"step": 0, "attempts": 0, "done_at": now}
        else:
            changes |= {"state": State.DONE, "done_at": now}
        lease.settle(errand, **changes)
        step.write()


def _settle_error(lease: Lease, errand: Errand, kind: Kind, exc: ProviderError) -> None:
    health.note_failure(errand.account, exc)
    if isinstance(exc, Throttled):
        wait = exc.retry_after_seconds or pace.backoff_seconds(errand.attempts)
        names = connections.face(errand.account.provider).read_buckets.get(kind.reads, ())
        pace.close(errand.account, exc.bucket or next(iter(names), ""), seconds=wait)
    elif errand.every_seconds is not None:
        health.test_soon(errand.account)  # A list that is refused says something of the account.
    is_final = isinstance(exc, Refused) and not exc.can_wait and not isinstance(exc, CredentialsRefused)
    is_hopeless = is_final or errand.attempts >= TRIES_ALLOWED
    if errand.every_seconds is None and is_hopeless:
        _give_up(lease, errand, kind, exc.message)
        return
    wait = exc.retry_after_seconds or pace.backoff_seconds(errand.attempts, first=5.0)
    # A standing one is never dropped. A page token that the provider forgot leads nowhere for ever:
    # the listing begins anew.
    anew: dict[str, Any] = {"cursor": {}, "step": 0} if is_hopeless else {}
    with transaction.atomic():
        lease.settle(errand, due_at=clock.now() + timedelta(seconds=wait), problem=exc.message, **anew)


def _give_up(lease: Lease, errand: Errand, kind: Kind | Local | None, problem: str) -> None:
    with transaction.atomic():
        if errand.every_seconds is not None:  # A standing errand is never dropped, only slow.
            due_at = clock.now() + timedelta(seconds=max(errand.every_seconds, 600))
            lease.settle(errand, due_at=due_at, problem=problem)
            return
        # Deaths stay: who asks for the same again soon would have as many workers killed.
        lease.settle(errand, state=State.FAILED, done_at=clock.now(), problem=problem, deaths=errand.deaths)
        if kind is not None:
            kind.on_given_up(errand, problem)
