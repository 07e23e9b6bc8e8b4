"""The kinds of things that go wrong, each with its rows that nothing has mended since."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q

from dashboard.own_remedies import normal_ends
from recordings.models import Account, Call, Operation, Recording
from recordings.providers.snapshots import CallState, Status
from transcripts.models import Transcript

SPAN = timedelta(days=7)
State = Operation.State
LOST = (State.FAILED, State.EXPIRED, State.CANCELLED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """One kind. ``by``, ``code`` and ``text`` name its columns; a lasting one has no age at which it goes."""

    key: str
    title: str
    empty: str
    rows: Callable[[], Any]
    by: str = "sort_at"
    code: str = "reason_code"
    text: str = "reason"
    tone: str = "bad"
    is_lasting: bool = False

    def of(self, accounts: Iterable[Account]) -> Any:
        """The rows of these accounts, one condition an account where there is one."""
        return self.rows().filter(account__in=list(accounts))


def _doubts() -> Any:
    return Operation.objects.filter(state=State.IN_DOUBT)


def _orders() -> Any:
    """Failed ones, unless the same was done later: then it has resolved itself, until it fails anew."""
    done = Operation.objects.filter(
        account=OuterRef("account"), state=State.SUCCEEDED, created_at__gt=OuterRef("created_at")
    )
    about = done.filter(subject_key=OuterRef("subject_key"), kind=OuterRef("kind"))
    same = done.filter(fingerprint=OuterRef("fingerprint"))
    failed = Operation.objects.filter(state__in=(State.FAILED, State.EXPIRED))
    return failed.exclude(Exists(about)).exclude(Q(subject_key=None) & Exists(same))


def _recordings() -> Any:
    later = Recording.objects.filter(
        call=OuterRef("call"), status=Status.COMPLETED, sort_at__gt=OuterRef("sort_at")
    )
    return Recording.objects.filter(status=Status.FAILED).exclude(Exists(later)).exclude(_is_of_lost_order())


def _transcripts() -> Any:
    later = Transcript.objects.filter(
        recording=OuterRef("recording"), status=Status.COMPLETED, created_at__gt=OuterRef("created_at")
    )
    failed = Transcript.objects.filter(status=Status.FAILED)
    return failed.exclude(Exists(later)).exclude(_is_of_lost_order())


def _calls() -> Any:
    """Calls that ended for a reason that somebody may want to mend."""
    recorded = Recording.objects.filter(
        account=OuterRef("account"),
        call__title=OuterRef("title"),
        status=Status.COMPLETED,
        sort_at__gt=OuterRef("created_at"),
    )
    ended = Call.objects.filter(state=CallState.ENDED).exclude(reason_code="")
    troubled = ended.exclude(reason_code__in=normal_ends())
    return troubled.exclude(~Q(title="") & Exists(recorded)).exclude(_is_of_lost_order())


def _is_of_lost_order() -> Exists:
    """Rows that an order made before it came to nothing: the order itself is listed."""
    return Exists(Operation.objects.filter(made_key=OuterRef("key"), state__in=LOST))


TROUBLES = {
    each.key: each
    for each in (
        Trouble(
            key="doubts",
            title="Orders in doubt",
            empty="No order is in doubt.",
            rows=_doubts,
            by="created_at",
            code="outcome_code",
            text="outcome",
            tone="warn",
            is_lasting=True,
        ),
        Trouble(
            key="orders",
            title="Orders that failed or came too late",
            empty="No order failed.",
            rows=_orders,
            by="created_at",
            code="outcome_code",
            text="outcome",
        ),
        Trouble(
            key="recordings",
            title="Recordings that failed",
            empty="No recording failed.",
            rows=_recordings,
        ),
        Trouble(
            key="transcripts",
            title="Transcripts that failed",
            empty="No transcript failed.",
            rows=_transcripts,
        ),
        Trouble(
            key="calls",
            title="Calls that ended for a reason",
            empty="No call ended badly.",
            rows=_calls,
            by="created_at",
        ),
    )
}
