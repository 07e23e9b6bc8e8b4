"""A status never moves backwards, and inside a rank the better evidence wins."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recordings.providers.snapshots import RANK, Status
from recordings.sync.status import Known, Told, decide

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
LATER = NOON + timedelta(seconds=1)
EARLIER = NOON - timedelta(seconds=1)


def known(status: Status, at: datetime | None = NOON, *, is_confirmed: bool = True) -> Known:
    return Known(status=status, status_at=at, is_confirmed=is_confirmed)


def told(
    status: Status | None,
    at: datetime | None = LATER,
    *,
    is_listing: bool = False,
    may_be_live: bool = False,
) -> Told:
    return Told(status=status, status_at=at, is_listing=is_listing, may_be_live=may_be_live)


def outcome(
    held: Known, said: Told, *, is_call_over: bool = False, lifts_failed: bool = False
) -> Status | None:
    return decide(held, said, is_call_over=is_call_over, lifts_failed=lifts_failed)


@pytest.mark.parametrize(
    ("held", "said", "expected"),
    [
        (Status.REQUESTED, Status.IN_PROGRESS, Status.IN_PROGRESS),
        (Status.IN_PROGRESS, Status.PROCESSING, Status.PROCESSING),
        (Status.PROCESSING, Status.COMPLETED, Status.COMPLETED),
        (Status.COMPLETED, Status.DELETED, Status.DELETED),
        (Status.COMPLETED, Status.IN_PROGRESS, None),
        (Status.DELETED, Status.COMPLETED, None),
        (Status.PROCESSING, Status.PAUSED, None),
        (Status.COMPLETED, Status.COMPLETED, None),
    ],
)
def test_rank_decides(held: Status, said: Status, expected: Status | None) -> None:
    assert outcome(known(held), told(said)) == expected


def test_unknown_word_keeps_what_is_held() -> None:
    assert outcome(known(Status.PROCESSING), told(None)) is None


def test_inside_a_rank_the_later_time_wins() -> None:
    held = known(Status.IN_PROGRESS)

    assert outcome(held, told(Status.PAUSED, LATER)) == Status.PAUSED
    assert outcome(held, told(Status.PAUSED, EARLIER)) is None


@pytest.mark.parametrize("at", [None, LATER])
def test_without_a_time_a_reply_beats_a_listing(at: datetime | None) -> None:
    held = known(Status.IN_PROGRESS, None)

    assert outcome(held, told(Status.PAUSED, at)) == Status.PAUSED
    assert outcome(held, told(Status.PAUSED, at, is_listing=True)) is None


def test_ambiguous_processing_never_ends_a_live_state() -> None:
    said = told(Status.PROCESSING, may_be_live=True)

    assert outcome(known(Status.IN_PROGRESS), said) is None
    assert outcome(known(Status.PAUSED), said) is None
    assert outcome(known(Status.REQUESTED), said) == Status.PROCESSING


def test_ambiguous_processing_ends_it_once_the_call_is_over() -> None:
    said = told(Status.PROCESSING, may_be_live=True)

    assert outcome(known(Status.IN_PROGRESS), said, is_call_over=True) == Status.PROCESSING


def test_ready_lifts_failed_and_no_error_lowers_ready_where_the_contract_says_so() -> None:
    ready, failed = Status.COMPLETED, Status.FAILED

    assert outcome(known(failed), told(ready, EARLIER), lifts_failed=True) == ready
    assert outcome(known(ready), told(failed, LATER), lifts_failed=True) is None
    assert outcome(known(ready), told(failed, LATER)) == failed


def test_what_the_provider_never_named_takes_its_first_word() -> None:
    held = known(Status.FAILED, is_confirmed=False)

    assert outcome(held, told(Status.IN_PROGRESS)) == Status.IN_PROGRESS


statuses = st.sampled_from(list(Status))
moments = st.sampled_from([None, EARLIER, NOON, LATER])


@given(statuses, moments, statuses, moments, st.booleans(), st.booleans(), st.booleans(), st.booleans())
def test_never_backwards(
    held: Status,
    held_at: datetime | None,
    said: Status,
    said_at: datetime | None,
    listing: bool,
    ambiguous: bool,
    over: bool,
    lifts: bool,
) -> None:
    found = outcome(
        known(held, held_at),
        told(said, said_at, is_listing=listing, may_be_live=ambiguous),
        is_call_over=over,
        lifts_failed=lifts,
    )

    assert found is None or RANK[found] >= RANK[held]
