"""Where accounts meet adapters: credentials are opened here and nowhere else."""

import hashlib
import threading
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx
from django.conf import settings

from recordings.models import Account, Call, Recording
from recordings.models.mirror import LIVE
from recordings.providers.base import Connection, ProviderAdapter
from recordings.providers.client import Client, LinkReader
from recordings.providers.errors import CredentialsRefused
from recordings.providers.network import GuardedTransport
from recordings.providers.orders import CallRef, RecordingRef
from recordings.providers.registry import ADAPTERS, adapter_class
from recordings.providers.snapshots import CallState, Status
from recordings.sealing import SecretsUnreadable, seal, unseal

UNREADABLE = (
    "This account's credentials cannot be read with the present keys: restore the key or type them again."
)

# A test puts a transport here that leads to simulators in its own process.
transport: httpx.BaseTransport | None = None

_open: dict[int, tuple[str, ProviderAdapter]] = {}
_lock = threading.Lock()


def face(provider: str) -> type[ProviderAdapter]:
    """What a provider can do, without an account; raises ``KeyError`` for an unknown one."""
    return adapter_class(provider)


def faces() -> Mapping[str, type[ProviderAdapter]]:
    """All providers by slug."""
    return {slug: adapter_class(slug) for slug in ADAPTERS}


def open_account(account: Account) -> ProviderAdapter:
    """The account's adapter, kept with its connections for as long as nothing of it changes.

    Raises ``CredentialsRefused`` when the secrets cannot be decrypted.
    """
    stamp = _stamp(account)
    with _lock:
        known = _open.get(account.pk)
        if known and known[0] == stamp:
            return known[1]
    adapter = adapter_class(account.provider)(_connection(account))
    with _lock:
        _open[account.pk] = (stamp, adapter)
    return adapter


def secrets_of(account: Account) -> dict[str, str]:
    """The opened secrets; raises ``CredentialsRefused``. For adapters and the account's form only."""
    try:
        return unseal(account.sealed_secrets)
    except SecretsUnreadable as exc:
        raise CredentialsRefused(UNREADABLE, code="credentials_unreadable") from exc


def set_secrets(account: Account, secrets: Mapping[str, str]) -> None:
    """Seal what was typed; the caller saves the account."""
    account.sealed_secrets = seal({name: value for name, value in secrets.items() if value})


def outward() -> httpx.Client:
    """For addresses that people typed in: public ones only, with no credentials of any account."""
    return _http(is_public_only=True)


def forget() -> None:
    """Close what is open: after a change of keys, and between tests."""
    with _lock:
        _open.clear()


def call_ref(call: Call, *, with_recordings: bool = False) -> CallRef:
    """A call as adapters see it; ``with_recordings`` reads the running ones."""
    live: tuple[RecordingRef, ...] = ()
    known: tuple[str, ...] = ()
    if with_recordings:
        ids = call.recordings.exclude(external_id="").values_list("external_id", flat=True)
        known = tuple(ids)
        running = call.recordings.filter(status__in=LIVE).order_by("sort_at", "pk")
        live = tuple(recording_ref(recording, with_call=False) for recording in running)
    return CallRef(
        external_id=call.external_id,
        key=str(call.key),
        state=CallState(call.state),
        provider_status=call.provider_status,
        flags=call.flags,
        title=call.title,
        live_recordings=live,
        recording_ids=frozenset(known),
    )


def recording_ref(
    recording: Recording, *, with_call: bool = True, counts: Mapping[str, int] | None = None
) -> RecordingRef:
    """A recording as adapters see it; ``counts`` are those of its transcripts."""
    call = call_ref(recording.call) if with_call and recording.call else None
    return RecordingRef(
        external_id=recording.external_id,
        key=str(recording.key),
        status=Status(recording.status),
        provider_status=recording.provider_status,
        handle=recording.handle,
        source=recording.origin,
        channels=recording.channels,
        duration_seconds=recording.duration_seconds,
        started_at=recording.started_at,
        call=call,
        **(counts or {}),
    )


def _connection(account: Account) -> Connection:
    secrets = secrets_of(account)
    adapter = adapter_class(account.provider)
    loopback = tuple(settings.TAPEDECK_LOOPBACK_HOSTS)
    own = urlsplit(account.base_url).hostname if account.base_url else None
    return Connection(
        base_url=account.base_url.rstrip("/"),
        config=account.config,
        secrets=secrets,
        client=Client(
            _http(is_public_only=False),
            hosts=(*adapter.hosts, *([own] if own else [])),
            loopback_hosts=loopback,
            secrets=tuple(secrets.values()),
            deadline_seconds=settings.TAPEDECK_CALL_SECONDS,
        ),
        links=LinkReader(
            _http(is_public_only=True),
            loopback_hosts=loopback,
            deadline_seconds=settings.TAPEDECK_CALL_SECONDS,
        ),
    )


def _http(*, is_public_only: bool) -> httpx.Client:
    carrier: Any = transport or GuardedTransport(
        is_public_only=is_public_only, loopback_hosts=settings.TAPEDECK_LOOPBACK_HOSTS
    )
    return httpx.Client(
        transport=carrier,
        timeout=httpx.Timeout(settings.TAPEDECK_CALL_SECONDS, connect=5.0),
        headers={"User-Agent": "Tapedeck"},
        trust_env=False,
    )


def _stamp(account: Account) -> str:
    parts = (account.provider, account.base_url, account.sealed_secrets, repr(sorted(account.config.items())))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
