"""The pace that all workers share."""

import pytest

from recordings import connections
from recordings.models import Account, Bucket
from recordings.providers.orders import Bucket as Limit
from recordings.providers.orders import Scope
from recordings.work import pace
from tests.fifth.adapter import FifthAdapter
from tests.world import World


@pytest.fixture(autouse=True)
def limits(monkeypatch: pytest.MonkeyPatch) -> None:
    buckets = (
        Limit(name="whole", limit=3, per_seconds=10.0),
        Limit(name="each", limit=1, per_seconds=10.0, scope=Scope.CALL),
    )
    monkeypatch.setattr(FifthAdapter, "buckets", buckets)


def take(account: Account, *names: str, call_id: str = "") -> float:
    return pace.take(account, connections.open_account(account), names, call_id=call_id)


def test_bucket_gives_its_limit_and_then_says_how_long_to_wait(world: World, account: Account) -> None:
    given = [take(account, "whole") for _ in range(3)]
    world.clock.advance(4)

    assert given == [0, 0, 0]
    assert take(account, "whole") == pytest.approx(6)
    world.clock.advance(6.5)
    assert take(account, "whole") == 0


def test_bucket_of_a_call_is_not_shared_by_calls(account: Account) -> None:
    assert take(account, "each", call_id="a") == 0
    assert take(account, "each", call_id="b") == 0
    assert take(account, "each", call_id="a") > 0


def test_nothing_is_taken_unless_all_allow_it(account: Account) -> None:
    take(account, "each", call_id="a")

    take(account, "whole", "each", call_id="a")

    assert Bucket.objects.filter(name="whole", taken=[]).exists()


def test_retry_after_closes_the_bucket_and_not_the_account(world: World, account: Account) -> None:
    pace.close(account, "whole", seconds=30)
    pace.close(account, "whole", seconds=5)

    assert take(account, "whole") == pytest.approx(30)
    assert take(account, "each", call_id="a") == 0
    world.clock.advance(31)
    assert take(account, "whole") == 0


def test_clock_set_back_does_not_make_a_closed_bucket_stay_closed(world: World, account: Account) -> None:
    world.clock.advance(3600)
    pace.close(account, "whole", seconds=30)
    world.clock.advance(-3600)

    assert take(account, "whole") == pytest.approx(30)
    world.clock.advance(20)
    assert take(account, "whole") == pytest.approx(10)
    world.clock.advance(11)
    assert take(account, "whole") == 0


def test_adapter_without_a_bucket_is_closed_as_a_whole(account: Account) -> None:
    pace.close(account, "", seconds=9)

    assert take(account) == pytest.approx(9)


def test_clock_set_back_frees_what_was_taken_in_the_future(world: World, account: Account) -> None:
    for _ in range(3):
        take(account, "whole")

    world.clock.advance(-3600)

    assert take(account, "whole") == 0


def test_backoff_doubles_and_is_bounded() -> None:
    assert [pace.backoff_seconds(number) for number in (1, 2, 3)] == [1, 2, 4]
    assert pace.backoff_seconds(50) == pace.LONGEST_BACKOFF_SECONDS
