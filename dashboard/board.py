"""What Now shows: the calls of each account with what is being recorded, in a handful of queries."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from dashboard.buttons import Button, buttons
from dashboard.models import User
from dashboard.wanted import Wanted, wanted
from recordings import connections
from recordings.actions import choices
from recordings.models import Account, Call, Operation, Recording
from recordings.models.mirror import LIVE
from recordings.providers.orders import CallRef, Subject
from recordings.providers.snapshots import CallState, Status
from recordings.targets import Target

SHOWN = (Status.REQUESTED, *LIVE)
AHEAD = timedelta(hours=24)
RECENT = timedelta(minutes=15)
PROBLEMS = (Operation.State.FAILED, Operation.State.EXPIRED, Operation.State.IN_DOUBT)
MOST = 500  # calls of all accounts on one page


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingRow:
    """A recording that runs, or is about to."""

    recording: Recording
    buttons: list[Button]


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRow:
    """A call that is live, on its way in, or scheduled."""

    call: Call
    recordings: list[RecordingRow]
    buttons: list[Button]
    wanted: Wanted | None  # the rule that wants it recorded, where it is not
    problem: Operation | None  # the newest order about it, if it came to nothing a short while ago

    @property
    def details(self) -> dict[str, str]:
        """Return what the title and the list of people do not say already, and matters now."""
        said = f"{self.call} {self.call.participants or ''}"
        quiet = connections.face(self.call.account.provider).quiet_details
        found = self.call.details.items()
        return {label: text for label, text in found if text not in said and label not in quiet}

    @property
    def start(self) -> list[Button]:
        """Return the buttons that stand in the row: none beside a recording, which a second may destroy."""
        return [
            button
            for button in self.buttons
            if button.action.makes is Subject.RECORDING and not self.recordings
        ]

    @property
    def more(self) -> list[Button]:
        """Return the buttons of the row's menu, those that can work first."""
        others = [button for button in self.buttons if button not in self.start]
        return sorted(others, key=lambda button: bool(button.reason))


@dataclass(slots=True, kw_only=True)
class AccountRow:
    """One account with its calls."""

    account: Account
    buttons: list[Button]
    calls: list[CallRow] = field(default_factory=list)
    strays: list[RecordingRow] = field(default_factory=list)  # they run, but no call of theirs is known
    problems: list[Operation] = field(default_factory=list)

    @property
    def live_count(self) -> int:
        return sum(row.call.state == CallState.LIVE for row in self.calls)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """What was read for one drawing."""

    calls: list[Call]
    recordings: list[Recording]
    open_orders: dict[UUID | None, list[Operation]]
    problems: list[Operation]
    wanted: dict[int, Wanted]

    def recordings_of(self, call: Call) -> list[Recording]:
        return [recording for recording in self.recordings if recording.call_id == call.pk]

    def strays_of(self, account: Account) -> list[Recording]:
        known = {call.pk for call in self.calls}
        mine = [recording for recording in self.recordings if recording.account_id == account.pk]
        return [recording for recording in mine if recording.call_id not in known]


def board(user: User, accounts: Sequence[Account]) -> list[AccountRow]:
    """Return the accounts with their calls; both keep their places while calls come and go."""
    read = _read(accounts)
    return [_account_row(user, account, read) for account in accounts]


def flat(rows: Sequence[AccountRow]) -> list[CallRow]:
    """Return the calls of all accounts in one list, in which each keeps its place as well."""
    calls = [item for row in rows for item in row.calls]
    return sorted(calls, key=lambda item: (item.call.created_at, item.call.pk))


def _read(accounts: Sequence[Account]) -> _Read:
    by_pk = {account.pk: account for account in accounts}
    soon = Q(starts_at=None) | Q(starts_at__lt=timezone.now() + AHEAD)
    present = Call.objects.filter(account__in=by_pk).exclude(state=CallState.ENDED).defer("raw")
    calls = list(present.filter(~Q(state=CallState.SCHEDULED) | soon).order_by("created_at", "pk")[:MOST])
    running = Recording.objects.filter(account__in=by_pk, status__in=SHOWN).select_related("call")
    recordings = list(running.defer("raw", "options", "call__raw").order_by("sort_at", "pk")[:MOST])
    for thing in (*calls, *recordings):
        thing.account = by_pk[thing.account_id]
    return _Read(
        calls=calls,
        recordings=recordings,
        open_orders=_open_orders([thing.key for thing in (*calls, *recordings)]),
        problems=_problems(list(by_pk)),
        wanted=wanted(accounts, calls, recordings),
    )


def _open_orders(keys: list[UUID]) -> dict[UUID | None, list[Operation]]:
    found = defaultdict(list)
    for operation in Operation.objects.open().filter(subject_key__in=keys).defer("options"):
        found[operation.subject_key].append(operation)
    return found


def _problems(accounts: list[int]) -> list[Operation]:
    """The newest order of each call, and of each account alone, where it came to nothing."""
    recent = Operation.objects.filter(account__in=accounts, created_at__gt=timezone.now() - RECENT)
    newest = {
        (each.account_id, each.call_id): each for each in recent.defer("options").order_by("created_at", "pk")
    }
    return [each for each in newest.values() if each.state in PROBLEMS]


def _account_row(user: User, account: Account, read: _Read) -> AccountRow:
    target = Target.of(account)
    # What sets the provider up is ordered on the account's own page: nobody should hit it among live calls.
    offered = [choice for choice in choices(user, target) if choice.action.right != "administer"]
    return AccountRow(
        account=account,
        buttons=buttons(offered, target),
        calls=[_call_row(user, call, read) for call in read.calls if call.account_id == account.pk],
        strays=[_recording_row(user, each, None, read) for each in read.strays_of(account)],
        problems=[each for each in read.problems if each.account_id == account.pk and each.call_id is None],
    )


def _call_row(user: User, call: Call, read: _Read) -> CallRow:
    shown = read.recordings_of(call)
    live = [recording for recording in shown if recording.is_live]
    ref = replace(
        connections.call_ref(call),
        live_recordings=tuple(connections.recording_ref(each, with_call=False) for each in live),
    )
    target = Target.of(call)
    offered = choices(user, target, ref=ref, open_orders=read.open_orders.get(call.key, []))
    return CallRow(
        call=call,
        recordings=[_recording_row(user, recording, ref, read) for recording in shown],
        buttons=buttons(offered, target, live=[each.key for each in live]),
        wanted=read.wanted.get(call.pk),
        problem=next((each for each in read.problems if each.call_id == call.pk), None),
    )


def _recording_row(user: User, recording: Recording, call: CallRef | None, read: _Read) -> RecordingRow:
    """Only what steers a running recording is offered here, and only what can work now."""
    ref = connections.recording_ref(recording, with_call=call is None)
    if call is not None:
        ref = replace(ref, call=call)
    target = Target.of(recording)
    offered = choices(user, target, ref=ref, open_orders=read.open_orders.get(recording.key, []))
    steering = [
        each
        for each in offered
        if each.action.right == "control"
        and not each.action.options
        and (each.open_operation or not each.unavailable)
    ]
    live = [each.key for each in read.recordings if each.call_id == recording.call_id and each.is_live]
    return RecordingRow(
        recording=recording, buttons=buttons(steering, target, live=live if recording.call_id else [])
    )
