"""What a click may order, and what it is told instead."""

import uuid
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied

from recordings import actions
from recordings.actions import AskAgain, choices
from recordings.models import Account, Call, Operation, Recording
from recordings.providers.options import Kind, Option
from recordings.targets import Target, seen_state
from recordings.validation import NO_CALLBACKS, OrderRefused
from tests.engine.test_outcomes import change_start
from tests.fifth.adapter import QUALITY, FifthAdapter
from tests.fifth.simulator import FifthSimulator
from tests.world import World

ENDPOINTS = Option(
    name="endpoints", kind=Kind.LIST, label="Endpoints", sends_elsewhere=True, needs_callback=True
)
CALLBACK = Option(name="callback", kind=Kind.URL, label="Callback", is_ours=True)


@pytest.fixture
def call(world: World, account: Account, fifth: FifthSimulator) -> Call:
    return world.call(account, fifth.place_call())


@pytest.fixture
def viewer(db: None) -> Any:
    return get_user_model().objects.create_user("viewer")


@pytest.fixture
def manager(operator: Any) -> Any:
    from django.contrib.auth.models import Permission

    user = get_user_model().objects.create_user("boss")
    user.user_permissions.set(
        [*operator.user_permissions.all(), Permission.objects.get(codename="manage_bulk")]
    )
    return user


def test_buttons_are_those_the_user_has_a_right_to(call: Call, operator: Any, viewer: Any) -> None:
    target = Target.of(call)

    assert [choice.action.kind for choice in choices(operator, target)] == ["recording.start"]
    assert choices(viewer, target) == []


def test_button_says_why_it_cannot_work_and_what_is_under_way(
    world: World, account: Account, fifth: FifthSimulator, call: Call, operator: Any
) -> None:
    world.order(operator, call, "recording.start")
    world.work()
    recording = Recording.objects.get()
    stop = world.order(operator, recording, "recording.stop")

    found = {choice.action.kind: choice for choice in choices(operator, Target.of(recording))}

    assert found["transcript.order"].unavailable == "The recording is not complete yet."
    assert found["recording.stop"].open_operation == stop
    assert found["recording.delete"].open_operation is None


def test_account_can_be_a_target(account: Account, operator: Any) -> None:
    assert choices(operator, Target.of(account)) == []
    assert Target.of(account).ref() is None


def test_order_without_the_right_is_denied(world: World, call: Call, viewer: Any) -> None:
    with pytest.raises(PermissionDenied):
        world.order(viewer, call, "recording.start")

    assert not Operation.objects.exists()


def test_rule_may_order_without_a_person(world: World, call: Call) -> None:
    order = actions.place(
        None, Target.of(call), "recording.start", options={}, order_key="r", ordered_for="Rule 1"
    )

    assert (order.ordered_by, order.ordered_for) == (None, "Rule 1")


@pytest.mark.parametrize(
    ("options", "field"),
    [({"quality": "best"}, "quality"), ({"weather": "fine"}, "weather"), ({"quality": 7}, "quality")],
)
def test_wrong_options_are_told_by_field_and_nothing_is_written(
    world: World, call: Call, operator: Any, options: dict[str, Any], field: str
) -> None:
    with pytest.raises(OrderRefused) as refused:
        world.order(operator, call, "recording.start", **options)

    assert field in refused.value.errors
    assert not Operation.objects.exists()
    assert not Recording.objects.exists()


def test_rule_between_fields_is_the_adapters(
    world: World, call: Call, operator: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule = classmethod(lambda cls, kind, options: {"quality": "Not on Fridays."})
    monkeypatch.setattr(FifthAdapter, "check_options", rule)

    with pytest.raises(OrderRefused) as refused:
        world.order(operator, call, "recording.start", quality="low")

    assert refused.value.errors == {"quality": "Not on Fridays."}


def test_what_cannot_work_is_refused_with_its_reason(
    world: World, account: Account, fifth: FifthSimulator, call: Call, operator: Any
) -> None:
    world.order(operator, call, "recording.start")
    world.work()

    with pytest.raises(OrderRefused, match="not complete"):
        world.order(operator, Recording.objects.get(), "transcript.order")


def test_unknown_kind_and_switched_off_account_are_refused(
    world: World, account: Account, call: Call, operator: Any
) -> None:
    with pytest.raises(OrderRefused, match="cannot do this"):
        world.order(operator, call, "recording.fold")
    account.is_active = False
    account.save()
    call.refresh_from_db()

    with pytest.raises(OrderRefused, match="switched off"):
        world.order(operator, call, "recording.start")


def test_form_that_saw_another_state_is_asked_again_only_if_it_matters(
    world: World, call: Call, operator: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = seen_state(Target.of(call))
    world.order(operator, call, "recording.start")
    world.work()

    world.order(operator, call, "recording.start", seen=seen, quality="low")
    warning = classmethod(lambda cls, kind, subject, options: "It would overwrite.")
    monkeypatch.setattr(FifthAdapter, "consequence", warning)
    with pytest.raises(AskAgain) as again:
        world.order(operator, call, "recording.start", seen=seen, quality="high")

    assert again.value.consequence == "It would overwrite."
    assert world.order(operator, call, "recording.start", seen=again.value.seen, quality="high")


def test_content_goes_elsewhere_only_for_managers_and_to_listed_hosts(
    world: World,
    account: Account,
    call: Call,
    operator: Any,
    manager: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    change_start(monkeypatch, options=(QUALITY, ENDPOINTS, CALLBACK))
    there = [{"url": "https://elsewhere.example/in", "events": ["x"]}]

    with pytest.raises(OrderRefused) as by_operator:
        world.order(operator, call, "recording.start", endpoints=there)
    with pytest.raises(OrderRefused) as unlisted:
        world.order(manager, call, "recording.start", endpoints=there)
    account.allowed_hosts = ["elsewhere.example"]
    account.save()
    call.refresh_from_db()

    assert "manager role" in by_operator.value.errors["endpoints"]
    assert "elsewhere.example" in unlisted.value.errors["endpoints"]
    assert world.order(manager, call, "recording.start", endpoints=there).options == {"endpoints": there}


def test_option_that_needs_callbacks_is_refused_without_an_address(
    world: World, call: Call, manager: Any, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    change_start(monkeypatch, options=(ENDPOINTS,))
    settings.PUBLIC_URL = ""

    with pytest.raises(OrderRefused) as refused:
        world.order(manager, call, "recording.start", endpoints=[{"a": 1}])

    assert refused.value.errors["endpoints"] == NO_CALLBACKS


def test_our_callback_address_is_never_typed(
    world: World, call: Call, operator: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    change_start(monkeypatch, options=(CALLBACK,))

    with pytest.raises(OrderRefused):
        world.order(operator, call, "recording.start", callback="https://evil.example")


def test_two_clicks_at_the_same_moment_are_one_order(
    world: World, call: Call, operator: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second passed the look-up before the first had committed."""
    form = str(uuid.uuid4())
    first = world.order(operator, call, "recording.start", order_key=form)

    class Blind:
        """Sees no order, as a transaction that began earlier would not."""

        def first(self) -> None:
            return None

    manager = Operation.objects
    calls = iter([Blind()])
    look_up = manager.filter

    def blind_once(**conditions: Any) -> Any:
        return next(calls, None) or look_up(**conditions)

    monkeypatch.setattr(type(manager), "filter", lambda self, **c: blind_once(**c), raising=False)
    second = world.order(operator, call, "recording.start", order_key=form)

    assert second == first


def test_bulk_orders_travel_in_their_own_lane(world: World, call: Call, operator: Any) -> None:
    order = actions.place(
        operator, Target.of(call), "recording.start", options={}, order_key="b", is_bulk=True
    )

    assert order.lane == 2
