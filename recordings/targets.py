"""What an order is about, and how it looked when the order was given."""

import hashlib
import json
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from recordings import connections
from recordings.models import Account, Call, Recording
from recordings.providers.options import Options
from recordings.providers.orders import Subject, SubjectRef
from recordings.work.subjects import full_ref, kind_of


class Ordered(Protocol):
    """A transcript, or another package's row that can be ordered about."""

    key: uuid.UUID
    account: Account
    call: Call | None
    recording: Recording | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What an order is about: an account alone, or one thing of it."""

    account: Account
    subject: Subject
    call: Call | None = None
    recording: Recording | None = None
    key: uuid.UUID | None = None  # of the subject's row

    @classmethod
    def of(cls, thing: "Account | Call | Recording | Ordered") -> "Target":
        """The target that a row stands for."""
        if isinstance(thing, Account):
            return cls(account=thing, subject=Subject.ACCOUNT)
        if isinstance(thing, Call):
            return cls(account=thing.account, subject=Subject.CALL, call=thing, key=thing.key)
        if isinstance(thing, Recording):
            return cls(
                account=thing.account,
                subject=Subject.RECORDING,
                call=thing.call,
                recording=thing,
                key=thing.key,
            )
        return cls(
            account=thing.account,
            subject=Subject.TRANSCRIPT,
            call=thing.call,
            recording=thing.recording,
            key=thing.key,
        )

    def ref(self) -> SubjectRef | None:
        """The thing as its adapter sees it; None for an account."""
        if self.recording is not None and self.subject is Subject.RECORDING:
            return full_ref(self.recording)
        if self.call is not None and self.subject is Subject.CALL:
            return connections.call_ref(self.call, with_recordings=True)
        return kind_of(self.subject).ref(self.key) if self.key else None


def seen_state(target: Target, *, live: Iterable[uuid.UUID] | None = None) -> str:
    """A digest of what an operator sees before ordering; the form carries it back.

    ``live`` are the keys of the call's running recordings, where the caller has read them already.
    """
    call = target.call
    if live is None:
        live = call.recordings.live().values_list("key", flat=True) if call else ()
    live = sorted(live)
    status = target.recording.status if target.recording else ""
    text = f"{call.state if call else ''}|{status}|{','.join(map(str, live))}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def fingerprint(target: Target, kind: str, options: Options) -> str:
    """Equal for orders that ask the same of the same thing."""
    text = json.dumps([kind, target.account.pk, str(target.key), options], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()
