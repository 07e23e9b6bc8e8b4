"""The demo's day: people, accounts, and orders through the product's own actions.

Not one row of the mirror is written here. Calls are placed on the simulators' control sides, and
everything that is shown comes by callback, by listing or in answer to an order.
"""

import logging
import secrets
import threading
import time
import urllib.request
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.db import close_old_connections

from dashboard.models import User
from dashboard.simulated import Provider
from recordings import connections
from recordings.actions import choices, place
from recordings.models import Account, Call, Operation, Recording
from recordings.providers.orders import Action, Subject
from recordings.providers.snapshots import CallState, Status
from recordings.targets import Target, seen_state
from recordings.validation import OrderRefused

logger = logging.getLogger(__name__)
Found = TypeVar("Found")

ROLES = ("operator", "manager", "viewer", "auditor", "administrator")
RECORDED_CALLS = 2  # live calls an account has recorded from the start
ORDERED_TRANSCRIPTS = 3
PATIENCE_SECONDS = 60.0
CONSENT = "Simulated people only. With real ones: have you told them that they are recorded?"


class Passwords(dict[str, str]):
    """A new password for each role, hashed on other processors meanwhile: hashing is slow on purpose."""

    def __init__(self) -> None:
        super().__init__({role: f"demo-{secrets.token_hex(4)}" for role in ROLES})
        with_threads = ThreadPoolExecutor(max_workers=len(ROLES), thread_name_prefix="passwords")
        self._hashes = {role: with_threads.submit(make_password, word) for role, word in self.items()}
        with_threads.shutdown(wait=False)

    def hashed(self, role: str) -> str:
        """Waits for it."""
        return self._hashes[role].result()


def make_people(passwords: Passwords) -> None:
    """One person a role."""
    for role in passwords:
        person, _ = get_user_model().objects.get_or_create(username=role)
        person.password = passwords.hashed(role)
        person.is_staff = person.is_superuser = role == "administrator"
        person.save()
        person.groups.set(Group.objects.filter(name=role))


def make_accounts(providers: list[Provider]) -> list[tuple[Account, Provider]]:
    """An account at each simulator, as an administrator would type it in."""
    made = []
    for provider in providers:
        told = provider.control("describe")
        account, _ = Account.objects.get_or_create(
            provider=told["provider"], defaults={"name": told["name"], "consent_reminder": CONSENT}
        )
        account.base_url, account.config = provider.origin, told["config"]
        connections.set_secrets(account, told["secrets"])
        account.save()
        made.append((account, provider))
    return made


def begin_day(accounts: list[tuple[Account, Provider]]) -> threading.Thread:
    """Have the day begin in the background, once the web server answers."""

    def live() -> None:
        close_old_connections()
        for account, provider in accounts:
            _guarded(lambda account=account, provider=provider: _begin(account, provider))  # type: ignore[misc]
        for order in (_record, _transcribe):
            for account, _ in accounts:
                _guarded(lambda order=order, account=account: order(account))  # type: ignore[misc]
        close_old_connections()

    thread = threading.Thread(target=live, name="demo", daemon=True)
    thread.start()
    return thread


def _guarded(do: Callable[[], None]) -> None:
    # A demo that loses one provider still shows the others.
    try:
        do()
    except Exception:
        logger.exception("the demo's day went astray")


def _begin(account: Account, provider: Provider) -> None:
    _wait_for_the_web()
    provider.control("set_webhook", url=account.webhook_url)
    if _action(account, "endpoint.create"):
        _place(Target.of(account), "endpoint.create")
        time.sleep(1.0)
    provider.control("begin_day")


def _wait_for_the_web() -> None:
    ends_at = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < ends_at:
        try:
            urllib.request.urlopen(f"{settings.PUBLIC_URL}/healthz", timeout=2).close()  # noqa: S310
            return
        except OSError:
            time.sleep(0.2)


def _record(account: Account) -> None:
    """Record live calls, as an operator would; those that somebody here has sent are theirs."""
    sent = Operation.objects.filter(account=account).exclude(made_key=None).values("made_key")
    live = Call.objects.filter(account=account, state=CallState.LIVE).exclude(key__in=sent)
    calls = _patiently(lambda: list(live.all()))
    startable = [call for call in calls if _is_offered(Target.of(call), "recording.start")]
    for call in startable[:RECORDED_CALLS]:
        if not call.recordings.live().exists():
            _place(Target.of(call), "recording.start")


def _transcribe(account: Account) -> None:
    """Order transcripts of what is complete, as an operator would."""
    if _action(account, "transcript.order") is None:
        return
    complete = Recording.objects.filter(account=account, status=Status.COMPLETED)
    for recording in _patiently(lambda: list(complete.order_by("-sort_at")))[:ORDERED_TRANSCRIPTS]:
        _place(Target.of(recording), "transcript.order")


def _patiently(look: Callable[[], list[Found]]) -> list[Found]:
    ends_at = time.monotonic() + PATIENCE_SECONDS
    while not (found := look()) and time.monotonic() < ends_at:
        time.sleep(0.5)
    return found


def _place(target: Target, kind: str) -> None:
    action = _action(target.account, kind)
    if action is None:
        return
    try:
        place(
            _orderer(target),
            target,
            kind,
            options=_defaults(action),
            order_key=str(uuid.uuid4()),
            seen=seen_state(target),
        )
    except OrderRefused as exc:
        logger.info("the demo could not order %s: %s", kind, exc.message)


def _orderer(target: Target) -> User:
    return User.objects.get(username="administrator" if target.subject is Subject.ACCOUNT else "manager")


def _is_offered(target: Target, kind: str) -> bool:
    """Whether an operator would see a button of it that can be pressed."""
    found = choices(_orderer(target), target)
    return any(choice.action.kind == kind and not choice.unavailable for choice in found)


def _action(account: Account, kind: str) -> Action | None:
    return connections.face(account.provider).action(kind)


def _defaults(action: Action) -> dict[str, object]:
    return {
        option.name: option.default
        for option in action.options
        if option.default is not None and not option.is_ours
    }
