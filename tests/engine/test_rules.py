"""Rules: what they mean, what they order once, and what they hold and why."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from recordings import reading, rules, sync
from recordings.models import Account, Call, Operation, Preset, Rate, Recording, Rule, RuleMatch
from recordings.models.mirror import Source
from recordings.providers.snapshots import CallSnapshot, CallState, RecordingSnapshot, Status
from recordings.rules import trials
from recordings.rules.matching import Chosen, fits, traits
from recordings.sync.recordings import merge
from tests.fifth.adapter import FifthAdapter
from tests.fifth.simulator import FifthSimulator
from tests.world import World
from transcripts.models import Transcript

Does, State = Rule.Does, RuleMatch.State
DAYS_AGO = date(2026, 1, 1)


def a_rule(account: Account, does: str = Does.RECORD, *, name: str = "Sales", **facts: Any) -> Rule:
    presets = facts.pop("presets", [])
    rule = Rule.objects.create(name=name, does=does, is_enabled=facts.pop("is_enabled", True), **facts)
    rule.accounts.set([account])
    rule.presets.set(presets)
    return rule


def a_rate(account: Account, kind: str, amount: str = "0.50", **facts: Any) -> Rate:
    made = {"currency": "USD", "since": DAYS_AGO, "provider": account.provider, "unit": "minute", **facts}
    return Rate.objects.create(kind=kind, amount=Decimal(amount), **made)


def tell_call(account: Account, external_id: str = "c1", **facts: Any) -> Call:
    facts = {"state": CallState.LIVE, "title": "Support", **facts}
    sync.apply(account, [CallSnapshot(external_id=external_id, **facts)], source=Source.SWEEP)
    return Call.objects.get(external_id=external_id)


def tell(account: Account, external_id: str = "r1", **facts: Any) -> Recording:
    """A recording that completes now, a minute long."""
    facts = {"status": Status.COMPLETED, "duration_seconds": 60.0, **facts}
    sync.apply(account, [RecordingSnapshot(external_id=external_id, **facts)], source=Source.WEBHOOK)
    return Recording.objects.get(external_id=external_id)


def now(world: World, seconds: float = 0) -> datetime:
    return world.clock.utc() + timedelta(seconds=seconds)


def orders(kind: str = "recording.start") -> list[Operation]:
    return list(Operation.objects.filter(kind=kind).order_by("pk"))


# Which calls.


@pytest.mark.parametrize(
    ("asked", "told", "is_meant"),
    [
        ({}, {}, True),
        ({"caller": "+1415*"}, {"caller": ["+1 (415) 555-0100"]}, True),
        ({"caller": "+1415*"}, {"caller": ["+49 30 123"]}, False),
        ({"caller": "+1415*, client:*"}, {"caller": ["client:Alice"]}, True),
        ({"caller": "+1415*"}, {}, False),
        ({"callee": "(415) 555-0100"}, {"callee": ["4155550100"]}, True),
        ({"callee": "*0100"}, {"callee": ["+14155550100"]}, True),
        ({"caller": "*", "callee": "9*"}, {"caller": ["1"], "callee": ["12"]}, False),
        ({"room": "SALES-*"}, {"room": ["x", "sales-7"]}, True),
        ({"room": "[a]*"}, {"room": ["[a]b"]}, True),
        ({"room": "[a]*"}, {"room": ["ab"]}, False),
        ({"room": " , "}, {"room": ["ab"]}, False),
        ({"direction": "inbound"}, {"direction": ["Inbound"]}, True),
        ({"direction": "outbound"}, {"direction": ["Outbound, placed over the API"]}, True),
        ({"direction": "outbound"}, {"direction": ["inbound"]}, False),
        ({"direction": "outbound"}, {}, False),
    ],
)
def test_rule_means_calls_that_are_all_it_asks(
    asked: dict[str, str], told: dict[str, list[str]], is_meant: bool
) -> None:
    assert fits(Rule(**asked), told) is is_meant


def test_traits_come_from_where_the_adapter_says(account: Account) -> None:
    call = Call(external_id="room-1", title="Weekly", details={"From": "(415) 555", "To": "9"}, raw={})

    found = traits(account, call)
    call.raw = {"from": "+1415555"}

    assert found == {"caller": ["(415) 555"], "callee": ["9"], "room": ["room-1", "Weekly"]}
    assert traits(account, call)["caller"] == ["+1415555"]
    assert traits(account, None) == {}


def test_title_is_no_room_where_there_are_none(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FifthAdapter, "call_traits", {"callee": ("To",)})

    assert traits(account, Call(title="Weekly", details={})) == {}


def test_lowest_number_that_matches_acts(account: Account) -> None:
    a_rule(account, name="late", priority=20)
    a_rule(account, name="off", priority=1, is_enabled=False)
    a_rule(account, name="elsewhere", priority=2, room="nowhere")
    a_rule(account, name="another deed", does=Does.TRANSCRIBE, priority=3)
    a_rule(account, name="early", priority=10)

    first = Chosen(Does.RECORD, [account]).first(account, Call(external_id="c", title="t", details={}))

    assert first is not None
    assert first.name == "early"


# Recording live calls.


def test_live_call_that_matches_is_recorded_once_and_says_by_which_rule(
    world: World, account: Account, fifth: FifthSimulator
) -> None:
    preset = Preset.objects.create(
        provider="fifth", kind="recording.start", name="Low", options={"quality": "low"}
    )
    rule = a_rule(account, presets=[preset])
    world.call(account, fifth.place_call("Support"))
    world.advance(60)
    world.look_at_calls(account)

    (order,) = orders()
    (effect,) = fifth.effects("start")
    match = RuleMatch.objects.get()
    assert (order.rule, order.ordered_by, order.ordered_for) == (rule, None, "the rule “Sales”")
    assert order.order_key.startswith(f"rule:{rule.pk}:")
    assert effect.details["options"] == {"quality": "low"}
    assert (match.state, match.operation, match.rule) == (State.ORDERED, order, rule)
    assert str(match) == f"record {match.subject_key}"


def test_call_that_is_not_meant_is_left_alone(account: Account) -> None:
    a_rule(account, room="elsewhere")

    tell_call(account)

    assert not orders()
    assert not RuleMatch.objects.exists()


@pytest.mark.parametrize("state", [CallState.WAITING, CallState.SCHEDULED, CallState.ENDED])
def test_call_that_is_not_live_is_not_recorded(account: Account, state: CallState) -> None:
    a_rule(account)

    tell_call(account, state=state)

    assert not orders()


def test_what_an_operator_records_or_has_stopped_is_left_alone(
    world: World, account: Account, fifth: FifthSimulator, operator: Any
) -> None:
    call = world.call(account, fifth.place_call())
    started = world.order(operator, call, "recording.start")
    world.work()
    a_rule(account)
    world.look_at_calls(account)
    world.order(operator, Recording.objects.get(key=started.made_key), "recording.stop")
    world.advance(30)
    world.look_at_calls(account)

    assert len(orders()) == 1


def test_rule_does_not_start_again_what_was_stopped(
    world: World, account: Account, fifth: FifthSimulator, operator: Any
) -> None:
    a_rule(account)
    world.call(account, fifth.place_call())
    world.work()
    Recording.objects.update(status=Status.FAILED)
    world.look_at_calls(account)

    assert len(orders()) == 1


def test_call_that_needs_its_details_is_recorded_when_they_come(account: Account) -> None:
    a_rule(account, callee="+49*")

    tell_call(account, title="")
    before = orders()
    tell_call(account, details={"To": "+49 30 1"})

    assert not before
    assert len(orders()) == 1


def test_room_that_is_live_again_is_recorded_again(
    world: World, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FifthAdapter, "calls_can_revive", True)
    a_rule(account)
    call = tell_call(account, started_at=now(world))
    Recording.objects.update(status=Status.COMPLETED)
    Operation.objects.update(state=Operation.State.SUCCEEDED)
    tell_call(account, state=CallState.LIVE)
    tell_call(account, state=CallState.ENDED)
    world.clock.advance(3600)

    tell_call(account, state=CallState.LIVE, started_at=now(world))
    tell_call(account, state=CallState.LIVE)

    assert len(orders()) == 2
    assert list(RuleMatch.objects.order_by("pk").values_list("is_over", flat=True)) == [True, False]
    assert call.recordings.count() == 2


def test_room_whose_beginning_nobody_tells_is_recorded_unless_it_is_already(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FifthAdapter, "calls_can_revive", True)
    call = tell_call(account, state=CallState.ENDED)
    old = Recording.objects.create(
        account=account, call=call, external_id="old", status=Status.IN_PROGRESS, sort_at=call.created_at
    )
    a_rule(account)

    tell_call(account)
    before = orders()
    Recording.objects.filter(pk=old.pk).update(status=Status.COMPLETED)
    tell_call(account)

    assert not before
    assert len(orders()) == 1


def test_switched_off_account_orders_nothing(account: Account) -> None:
    a_rule(account)
    Account.objects.update(is_active=False)
    account.refresh_from_db()

    tell_call(account)

    assert not RuleMatch.objects.exists()


def test_refusal_is_shown_and_tried_again_while_the_call_lives(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_rule(account)
    with monkeypatch.context() as patch:
        patch.setattr(FifthAdapter, "unavailable", classmethod(lambda *_: "The bot is not in yet."))
        call = tell_call(account)
        refused = RuleMatch.objects.get()
        shown_at = call.updated_at
        tell_call(account)

    tell_call(account)

    assert (refused.state, refused.reason) == (State.REFUSED, "The bot is not in yet.")
    assert len(orders()) == 1
    match = RuleMatch.objects.get()
    assert (match.pk, match.state, match.reason) == (refused.pk, State.ORDERED, "")
    assert Call.objects.get().updated_at >= shown_at


def test_wrong_options_are_refused_with_their_names(account: Account) -> None:
    preset = Preset.objects.create(
        provider="fifth", kind="recording.start", name="Odd", options={"quality": "odd"}
    )
    a_rule(account, presets=[preset])

    tell_call(account)

    assert "quality: Choose one of: high, low." in RuleMatch.objects.get().reason
    assert rules.problems(Does.RECORD, [account, account], [preset]) == [
        "Fifth: quality: Choose one of: high, low."
    ]


def test_held_one_that_no_rule_means_any_more_is_forgotten(account: Account) -> None:
    rule = a_rule(account, monthly_count=0)
    tell_call(account)
    assert RuleMatch.objects.get().state == State.HELD

    other = a_rule(account, name="Other", room="nowhere")
    Rule.objects.filter(pk=rule.pk).update(is_enabled=False)
    tell_call(account)

    assert not RuleMatch.objects.exists()
    assert other.is_enabled


def test_order_that_somebody_gave_at_this_moment_is_theirs(
    world: World, account: Account, operator: Any
) -> None:
    call = tell_call(account)
    theirs = world.order(operator, call, "recording.start")
    Recording.objects.all().delete()
    a_rule(account)

    tell_call(account)

    theirs.refresh_from_db()
    assert theirs.rule is None
    assert RuleMatch.objects.get().operation == theirs


def test_lists_of_calls_are_read_quickly_for_a_rule(world: World, account: Account) -> None:
    adapter: Any = FifthAdapter
    slow = reading.look_seconds(account, adapter, now(world))
    a_rule(account)
    world.look_at_calls(account)
    account.errands.filter(kind="calls.look").update(due_at=now(world, 999))

    reading.look_soon([account])

    assert slow == reading.SLOW_LOOK_SECONDS
    assert reading.look_seconds(account, adapter, now(world)) == adapter.live_poll_seconds
    assert account.errands.get(kind="calls.look").due_at == now(world)


# Transcripts.


def test_completed_recording_is_transcribed_by_the_rule_and_not_by_the_account_too(
    world: World, account: Account, fifth: FifthSimulator
) -> None:
    Account.objects.update(order_automatically=True, automatic_since=now(world))
    account.refresh_from_db()
    preset = Preset.objects.create(
        provider="fifth", kind="transcript.order", name="Dear", options={"engine": "premium"}
    )
    rule = a_rule(account, Does.TRANSCRIBE, presets=[preset])

    recording = tell(account, completed_at=now(world, 1))
    tell(account, status=Status.FAILED)
    Recording.objects.update(status=Status.FAILED)
    Transcript.objects.update(status=Status.FAILED)
    tell(account, completed_at=now(world, 1))

    (order,) = orders("transcript.order")
    assert (order.rule, order.recording, order.options) == (rule, recording, {"engine": "premium"})
    assert RuleMatch.objects.get().state == State.ORDERED


def test_account_s_setting_goes_on_where_no_rule_means_the_recording(world: World, account: Account) -> None:
    account.order_automatically = True
    account.save()
    a_rule(account, Does.TRANSCRIBE, room="nowhere")

    tell(account, completed_at=now(world, 1))

    (order,) = orders("transcript.order")
    assert order.ordered_for == "the account's setting"
    assert order.rule is None


def test_what_a_rule_holds_the_account_s_setting_leaves_alone(world: World, account: Account) -> None:
    account.order_automatically = True
    account.save()
    rule = a_rule(account, Does.TRANSCRIBE, monthly_count=0)

    tell(account, completed_at=now(world, 1))
    Rule.objects.filter(pk=rule.pk).update(is_enabled=False)
    Recording.objects.update(status=Status.FAILED)
    tell(account, completed_at=now(world, 1))

    assert not orders("transcript.order")
    assert RuleMatch.objects.get().state == State.HELD


def test_start_and_length_tell_when_a_recording_completed(world: World) -> None:
    begun = Recording(started_at=now(world), duration_seconds=90.0)

    assert rules.completed_at(begun) == now(world, 90)
    assert rules.completed_at(Recording()) is None


@pytest.mark.parametrize("completed_at", [datetime(2026, 11, 1, tzinfo=UTC), None])
def test_what_completed_before_the_rule_is_left_alone(
    account: Account, completed_at: datetime | None
) -> None:
    a_rule(account, Does.TRANSCRIBE)

    tell(account, completed_at=completed_at)

    assert not RuleMatch.objects.exists()


def test_rule_knows_since_when_it_is_on(world: World, account: Account) -> None:
    rule = a_rule(account, Does.TRANSCRIBE)
    since = rule.since
    world.clock.advance(60)
    rule.save()
    kept = rule.since
    rule.is_enabled = False
    rule.save()

    assert since == kept
    assert rule.since is None
    assert rule.get_absolute_url() == f"/rules/{rule.key}/"


def test_recording_that_has_a_transcript_is_left_alone_by_rules(world: World, account: Account) -> None:
    a_rule(account, Does.TRANSCRIBE)
    recording = tell(account, status=Status.PROCESSING)
    Transcript.objects.create(account=account, recording=recording, sort_at=now(world))

    tell(account, completed_at=now(world, 1))

    assert not RuleMatch.objects.exists()


def test_listing_of_many_recordings_asks_once_for_rules(
    world: World, account: Account, django_assert_max_num_queries: Any
) -> None:
    facts = [
        RecordingSnapshot(external_id=f"r{number}", status=Status.COMPLETED, completed_at=now(world, 1))
        for number in range(50)
    ]

    with django_assert_max_num_queries(15):
        sync.apply(account, facts, source=Source.SWEEP)


def test_two_rows_that_are_one_recording_are_ordered_for_once(world: World, account: Account) -> None:
    a_rule(account, Does.TRANSCRIBE, monthly_count=0)
    kept, gone = tell(account, completed_at=now(world, 1)), tell(account, "r2", completed_at=now(world, 1))
    lonely = tell(account, "r3", status=Status.PROCESSING)
    merge(kept, gone)
    merge(lonely, kept)

    assert RuleMatch.objects.get().subject_key == lonely.key


# Limits.


def test_monthly_count_holds_what_is_over_it_until_the_next_month(world: World, account: Account) -> None:
    rule = a_rule(account, Does.TRANSCRIBE, monthly_count=2)
    for number in range(3):
        tell(account, f"r{number}", completed_at=now(world, 1))
    held = RuleMatch.objects.waiting().get()

    assert len(orders("transcript.order")) == 2
    assert held.reason == "The rule's limit is reached: 2 a month."
    assert rules.release(rule) == 0
    world.clock.advance(11 * 86400)  # the first of December
    assert rules.release(rule) == 1
    assert len(orders("transcript.order")) == 3


@pytest.mark.parametrize(
    ("state", "is_spent"),
    [("in_doubt", True), ("queued", True), ("sent", True), ("succeeded", True), ("failed", False)],
)
def test_orders_in_doubt_count_as_spent(world: World, account: Account, state: str, is_spent: bool) -> None:
    a_rate(account, "transcript.order")
    rule = a_rule(
        account, Does.TRANSCRIBE, monthly_amount=Decimal("0.60"), monthly_currency="USD", monthly_count=9
    )
    tell(account, completed_at=now(world, 1))
    Operation.objects.update(state=state)

    tell(account, "r2", completed_at=now(world, 1))

    assert len(orders("transcript.order")) == (1 if is_spent else 2)
    if is_spent:
        reason = RuleMatch.objects.waiting().get().reason
        assert reason == "It would cost 0.50 USD: 0.50 USD of this month's 0.60 USD are spent."
    assert rules.spent(rule).amount == Decimal("0.50")


def test_order_without_a_rate_is_held_under_a_limit_in_money_and_says_so(
    world: World, account: Account
) -> None:
    rule = a_rule(account, Does.TRANSCRIBE, monthly_amount=Decimal(9), monthly_currency="USD")
    tell(account, completed_at=now(world, 1))
    held = RuleMatch.objects.get()

    assert held.state == State.HELD
    assert held.reason.startswith("No rate is known for this order")
    assert rules.release(rule) == 0
    a_rate(account, "transcript.order")
    assert rules.release(rule) == 1
    match = RuleMatch.objects.get()
    assert (match.estimate, match.currency) == (Decimal("0.50"), "USD")


def test_currencies_are_never_added(world: World, account: Account) -> None:
    rule = a_rule(account, Does.TRANSCRIBE, monthly_amount=Decimal(9), monthly_currency="USD")
    rate = a_rate(account, "transcript.order", currency="EUR")
    tell(account, completed_at=now(world, 1))
    held = RuleMatch.objects.get()
    assert "in EUR and the rule's limit in USD: currencies are never added up" in held.reason

    rate.currency = "USD"
    rate.save()
    rules.release(rule)
    RuleMatch.objects.update(currency="EUR")

    assert rules.spent(rule).amount == 0


def test_length_that_is_not_known_holds_under_a_limit_in_money(world: World, account: Account) -> None:
    a_rate(account, "transcript.order")
    a_rule(account, Does.TRANSCRIBE, monthly_amount=Decimal(9), monthly_currency="USD")

    tell(account, completed_at=now(world, 1), duration_seconds=None)

    assert RuleMatch.objects.get().reason.startswith("How long the recording is, is not known")


def test_earlier_orders_of_unknown_cost_hold_the_next(world: World, account: Account) -> None:
    rule = a_rule(account, Does.TRANSCRIBE)
    tell(account, completed_at=now(world, 1))
    a_rate(account, "transcript.order")
    Rule.objects.filter(pk=rule.pk).update(monthly_amount=Decimal(9), monthly_currency="USD")

    tell(account, "r2", completed_at=now(world, 1))

    assert "What 1 of this month's orders cost is not known" in RuleMatch.objects.waiting().get().reason


def test_what_costs_nothing_passes_every_limit_in_money(
    world: World, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    free = tuple(replace(action, costs="") for action in FifthAdapter.actions)
    monkeypatch.setattr(FifthAdapter, "actions", free)
    rule = a_rule(account, Does.TRANSCRIBE, monthly_amount=Decimal(0), monthly_currency="USD")

    recording = tell(account, completed_at=now(world, 1))

    assert len(orders("transcript.order")) == 1
    assert rules.trial(rule, [account]).amounts == {}
    assert rules.completed_at(recording) == now(world, 1)
    assert RuleMatch.objects.get().estimate == 0


def test_recordings_begin_while_anything_is_left_and_count_when_their_length_is_known(
    world: World, account: Account
) -> None:
    a_rate(account, "recording.start")
    rule = a_rule(account, monthly_amount=Decimal("1.00"), monthly_currency="USD")
    tell_call(account)
    Operation.objects.update(state="succeeded", sent_at=now(world))
    running = Recording.objects.get()
    Recording.objects.update(status=Status.IN_PROGRESS, external_id="r1")

    nothing = rules.spent(rule)
    Recording.objects.update(started_at=now(world, -90))
    by_now = rules.spent(rule)
    tell_call(account, "c2")
    blocked = RuleMatch.objects.waiting().get()
    Recording.objects.filter(pk=running.pk).update(status=Status.COMPLETED, duration_seconds=30.0)
    in_the_end = rules.spent(rule)
    tell_call(account, "c2")

    assert (nothing.amount, by_now.amount, in_the_end.amount) == (0, Decimal("1.00"), Decimal("0.50"))
    assert blocked.reason == "1.00 USD of this month's 1.00 USD are spent."
    assert RuleMatch.objects.get(estimate__isnull=False).estimate == Decimal("0.50")
    assert len(orders()) == 2


@pytest.mark.parametrize(
    ("facts", "seconds", "unknown"),
    [
        ({"started_at": 0, "completed_at": 50}, "0.50", 0),
        ({"started_at": 0, "status_at": 70}, "1.00", 0),
        ({"started_at": 0}, "0", 1),
        ({}, "0", 1),
    ],
)
def test_recording_that_tells_no_length_counts_by_its_times(
    world: World, account: Account, facts: dict[str, int], seconds: str, unknown: int
) -> None:
    a_rate(account, "recording.start")
    rule = a_rule(account, monthly_amount=Decimal(5), monthly_currency="USD")
    tell_call(account)
    times = {name: now(world, offset) for name, offset in facts.items()}
    Recording.objects.update(status=Status.FAILED, **times)

    found = rules.spent(rule)

    assert (found.amount, found.unknown) == (Decimal(seconds), unknown)


@pytest.mark.parametrize("lost", ["order", "recording", "rate", "currency"])
def test_recording_of_which_something_is_missing_is_of_unknown_cost(account: Account, lost: str) -> None:
    rate = a_rate(account, "recording.start")
    rule = a_rule(account, monthly_amount=Decimal(5), monthly_currency="USD")
    tell_call(account)
    if lost == "order":
        RuleMatch.objects.update(operation=None)
    if lost == "recording":
        Operation.objects.update(made_key=None)
    if lost == "rate":
        rate.delete()
    if lost == "currency":
        Rate.objects.update(currency="EUR")

    assert rules.spent(rule).unknown == 1


def test_month_of_many_orders_is_counted_in_few_statements(
    world: World, account: Account, django_assert_max_num_queries: Any
) -> None:
    rule = a_rule(account, monthly_amount=Decimal(5), monthly_currency="USD")
    a_rate(account, "recording.start")
    for number in range(20):
        tell_call(account, f"c{number}")

    with django_assert_max_num_queries(5):
        found = rules.spent(rule)

    assert (found.count, found.unknown) == (20, 0)


# Releasing.


def test_nothing_is_released_of_a_call_that_is_over_or_recorded(
    world: World, account: Account, operator: Any
) -> None:
    rule = a_rule(account, monthly_count=0)
    tell_call(account)
    recorded = tell_call(account, "c2")
    world.order(operator, recorded, "recording.start")
    Call.objects.filter(external_id="c1").update(state=CallState.ENDED)
    Rule.objects.update(monthly_count=None)
    rule.refresh_from_db()

    assert rules.release(rule) == 0
    assert not RuleMatch.objects.exists()
    assert not RuleMatch.objects.exists()


def test_live_call_is_released(account: Account) -> None:
    rule = a_rule(account, monthly_count=0)
    tell_call(account)
    Rule.objects.update(monthly_count=None)
    rule.refresh_from_db()

    assert rules.release(rule) == 1
    assert len(orders()) == 1


def test_transcript_that_was_ordered_by_hand_meanwhile_is_not_ordered_again(
    world: World, account: Account, fifth: FifthSimulator
) -> None:
    rule = a_rule(account, Does.TRANSCRIBE, monthly_count=0)
    recording = tell(account, completed_at=now(world, 1))
    gone = tell(account, "r2", completed_at=now(world, 1))
    Transcript.objects.create(
        account=account, recording=recording, status=Status.PROCESSING, sort_at=now(world)
    )
    Recording.objects.filter(pk=gone.pk).update(status=Status.DELETED)
    Rule.objects.update(monthly_count=None)
    rule.refresh_from_db()

    assert rules.release(rule) == 0
    assert not RuleMatch.objects.exists()


# The dry run.


def test_dry_run_shows_what_would_have_been_ordered_and_orders_nothing(
    world: World, account: Account
) -> None:
    a_rate(account, "transcript.order")
    begun = [tell(account, f"r{number}", completed_at=now(world, -60 * number)) for number in range(4)]
    tell(account, "unknown length", completed_at=now(world, -500), duration_seconds=None)
    Recording.objects.filter(external_id="r3").update(sort_at=now(world, -8 * 86400))
    rule = a_rule(account, Does.TRANSCRIBE, monthly_count=2, is_enabled=False)

    found = rules.trial(rule, [account])

    assert (found.looked_at, found.matched, found.ordered, found.unpriced) == (4, 4, 2, 1)
    assert found.amounts == {"USD": Decimal("0.50")}
    assert [row.thing for row in found.rows[:3]] == begun[:3]
    assert [row.outcome for row in found.rows] == [
        *["The rule's limit is reached: 2 a month."] * 2,
        "",
        "",
    ]
    assert not orders("transcript.order")
    assert not RuleMatch.objects.exists()


def test_dry_run_of_calls_takes_their_own_length(world: World, account: Account) -> None:
    a_rate(account, "recording.start")
    tell_call(account, started_at=now(world, -100), ended_at=now(world), state=CallState.ENDED)
    tell_call(account, "c2")
    tell_call(account, "c3", state=CallState.SCHEDULED)
    tell_call(account, "c4", title="Elsewhere")
    rule = a_rule(account, room="Support", monthly_amount=Decimal(9), monthly_currency="USD")

    found = rules.trial(rule, [account])

    assert (found.looked_at, found.matched, found.ordered, found.unpriced) == (3, 2, 2, 1)
    assert found.amounts == {"USD": Decimal("1.00")}


def test_dry_run_counts_money_in_the_limit_s_currency_and_leaves_others_out(
    world: World, account: Account
) -> None:
    a_rate(account, "transcript.order", "2")
    for number in range(3):
        tell(account, f"r{number}", completed_at=now(world, -number))
    rule = a_rule(account, Does.TRANSCRIBE, monthly_amount=Decimal(4), monthly_currency="USD")
    plain = a_rule(account, Does.TRANSCRIBE, name="Unlimited", is_enabled=False)

    assert rules.trial(rule, [account]).amounts == {"USD": Decimal(4)}
    assert rules.trial(plain, [account]).ordered == 0
    Rule.objects.filter(pk=rule.pk).update(is_enabled=False)
    assert rules.trial(plain, [account]).amounts == {"USD": Decimal(6)}


def test_dry_run_names_the_rule_that_comes_first_and_what_would_be_refused(
    world: World, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell(account, completed_at=now(world, -1))
    rule = a_rule(account, Does.TRANSCRIBE, priority=5)
    first = a_rule(account, Does.TRANSCRIBE, name="First", priority=1)

    assert rules.trial(rule, [account]).rows[0].outcome == "The rule “First” comes before this one."
    assert rules.trial(first, [account]).rows[0].outcome == ""
    monkeypatch.setattr(FifthAdapter, "actions", ())
    assert rules.trial(first, [account]).rows[0].outcome == "Fifth cannot do this."


def test_dry_run_looks_at_so_many(world: World, account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trials, "MOST", 2)
    monkeypatch.setattr(trials, "SHOWN", 1)
    for number in range(3):
        tell(account, f"r{number}", completed_at=now(world, -number))
    rule = a_rule(account, Does.TRANSCRIBE)

    found = rules.trial(rule, [account])

    assert (found.is_cut, found.looked_at, found.matched, len(found.rows)) == (True, 2, 2, 1)
