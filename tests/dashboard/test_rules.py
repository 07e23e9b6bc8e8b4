"""Rules: written by managers, tried on last week, switched on, and asked again for what they hold."""

from decimal import Decimal

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from dashboard.rule_forms import RuleForm
from recordings import clock, sync
from recordings.models import Account, Operation, Preset, Rule, RuleMatch
from recordings.models.mirror import Source
from recordings.providers.snapshots import CallSnapshot, CallState, RecordingSnapshot, Status
from tests.simulators.twilio import TwilioSimulator


@pytest.fixture
def preset(db):
    options = {"provider": "recallai_async"}
    return Preset.objects.create(provider="recall", kind="transcript.order", name="Ours", options=options)


@pytest.fixture
def rule(account, preset):
    made = Rule.objects.create(name="All words", does=Rule.Does.TRANSCRIBE)
    made.accounts.add(account)
    made.presets.add(preset)
    return made


def typed(account, **changes):
    facts = {"name": "All words", "does": "transcribe", "accounts": [account.pk], "priority": "100"}
    return {**facts, **changes}


def at(rule, route="rule"):
    return reverse(route, args=[rule.key])


def completed(account, external_id="r1"):
    snapshot = RecordingSnapshot(
        external_id=external_id, status=Status.COMPLETED, completed_at=clock.now(), duration_seconds=60.0
    )
    sync.apply(account, [snapshot], source=Source.WEBHOOK)


def text(response):
    return response.content.decode()


# Writing.


def test_manager_writes_a_rule_which_is_off_and_is_led_to_its_dry_run(signed_in, manager, account, preset):
    data = typed(
        account,
        presets=[preset.pk],
        room="sales-*",
        monthly_count="20",
        monthly_amount="5.50",
        monthly_currency="usd",
    )

    response = signed_in(manager).post(reverse("rule-new"), data)

    rule = Rule.objects.get()
    assert response.url == at(rule, "rule-trial")
    assert (rule.is_enabled, rule.room, rule.monthly_count, rule.created_by) == (
        False,
        "sales-*",
        20,
        manager,
    )
    assert (rule.monthly_amount, rule.monthly_currency) == (Decimal("5.50"), "USD")
    assert (list(rule.accounts.all()), list(rule.presets.all())) == ([account], [preset])


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"monthly_amount": "5"}, "A limit in money needs an amount and its currency."),
        ({"monthly_currency": "USD"}, "A limit in money needs an amount and its currency."),
        ({"caller": "+1*"}, "does not tell who calls"),
        ({"direction": "inbound"}, "does not tell a direction"),
        ({"accounts": []}, "This field is required."),
        ({"does": "nonsense"}, "Select a valid choice."),
        ({"does": "record"}, "Choose presets of the order that the rule gives."),
    ],
)
def test_what_would_never_work_is_said_at_once(signed_in, manager, account, preset, changes, told):
    data = typed(account, presets=[preset.pk], **changes)

    page = text(signed_in(manager).post(reverse("rule-new"), data))

    assert told in page
    assert not Rule.objects.exists()


def test_options_that_would_be_refused_each_time_are_said_at_once(signed_in, manager, account, preset):
    without = text(signed_in(manager).post(reverse("rule-new"), typed(account)))
    Preset.objects.update(options={"provider": "nobody"})
    wrong = text(signed_in(manager).post(reverse("rule-new"), typed(account, presets=[preset.pk])))

    assert "Choose a preset that says it." in without
    assert "Choose one of" in wrong
    assert "Choose a preset that says it." not in wrong
    assert not Rule.objects.exists()


def test_two_presets_of_one_provider_are_one_too_many(signed_in, manager, account, preset):
    other = Preset.objects.create(provider="recall", kind="transcript.order", name="Other")

    page = text(signed_in(manager).post(reverse("rule-new"), typed(account, presets=[preset.pk, other.pk])))

    assert "Choose at most one preset of each provider." in page


def test_change_of_what_it_means_counts_from_now(signed_in, manager, world, account, rule, preset):
    client = signed_in(manager)
    client.post(at(rule, "rule-switch"), {"on": "yes"})
    rule.refresh_from_db()
    since = rule.since
    world.clock.advance(60)

    limited = client.post(at(rule, "rule-edit"), typed(account, presets=[preset.pk], monthly_count="3"))
    rule.refresh_from_db()
    kept = rule.since
    client.post(at(rule, "rule-edit"), typed(account, presets=[preset.pk], room="sales"))
    rule.refresh_from_db()

    assert limited.url == at(rule)
    assert kept == since
    assert rule.since == clock.now()


def test_rule_is_deleted_and_its_orders_stay(signed_in, manager, account, rule):
    Rule.objects.update(is_enabled=True, since=clock.now())
    completed(account)

    response = signed_in(manager).post(at(rule, "rule-delete"))

    assert response.url == reverse("rules")
    assert not Rule.objects.exists()
    assert Operation.objects.get().ordered_for == "the rule “All words”"


def test_preset_of_a_rule_is_not_deleted(signed_in, manager, rule, preset):
    page = text(signed_in(manager).post(reverse("preset-delete", args=[preset.key]), follow=True))

    assert "A rule orders with this preset" in page
    assert Preset.objects.exists()


# Recording calls.


def test_rule_that_records_looks_at_once_when_it_is_switched_on_or_changed(
    signed_in, manager, world, account, recall
):
    rule = Rule.objects.create(name="All calls", does=Rule.Does.RECORD)
    rule.accounts.add(account)
    recall.place_call("Weekly planning")
    client = signed_in(manager)
    world.look_at_calls(account)
    assert not Operation.objects.exists()

    client.post(at(rule, "rule-switch"), {"on": "yes"})
    due = account.errands.get(kind="calls.look").due_at
    account.errands.filter(kind="calls.look").update(due_at=None)
    client.post(at(rule, "rule-edit"), typed(account, name="Each call", does="record"))

    assert due == clock.now()
    assert account.errands.get(kind="calls.look").due_at == clock.now()
    world.work()
    order = Operation.objects.get(kind="recording.start")
    assert order.rule == rule
    page = text(client.get(order.get_absolute_url()))
    assert f'by no person, <a href="{at(rule)}">the rule “Each call”</a>' in page


def test_number_as_it_is_dialled_is_what_a_rule_asks_for(signed_in, manager, world):
    account = world.add(TwilioSimulator(clock=world.clock))
    rule = Rule.objects.create(name="Abroad", does=Rule.Does.RECORD, is_enabled=True, callee="+44*")
    rule.accounts.add(account)
    details = {"From": "(202) 555-0100", "To": "020 7946 0000"}
    snapshot = CallSnapshot(
        external_id="CA" + "1" * 32,
        state=CallState.LIVE,
        title="x",
        details=details,
        raw={"to": "+442079460000", "direction": "outbound-api"},
    )

    sync.apply(account, [snapshot], source=Source.SWEEP)

    assert RuleMatch.objects.get().rule == rule


# Looking.


def test_dry_run_is_shown_and_switches_on(signed_in, manager, account, rule):
    completed(account)
    Rule.objects.create(name="Elsewhere", does="transcribe")

    page = text(signed_in(manager).get(at(rule, "rule-trial")))

    assert "<strong>1</strong> <span>would have been ordered</span>" in page
    assert "no rate" in page
    assert "Switch on" in page
    assert not Operation.objects.exists()


def test_rule_shows_its_month_and_what_it_holds_and_is_asked_again(
    signed_in, manager, operator, account, rule
):
    Rule.objects.update(is_enabled=True, since=clock.now(), monthly_count=1)
    completed(account, "r1")
    completed(account, "r2")
    seen = text(signed_in(operator).get(at(rule)))
    held = text(signed_in(operator).get(f"{at(rule)}?state=held"))
    listed = text(signed_in(operator).get(reverse("rules")))
    client = signed_in(manager)
    Rule.objects.update(monthly_count=None)

    released = text(client.post(at(rule, "rule-release"), follow=True))

    assert "1 order of 1" in seen
    assert "The rule&#x27;s limit is reached: 1 a month." in held
    assert held.count("<tr>") == 2
    assert "1 waiting" in listed
    assert "Look again" not in seen
    assert "Ordered 1 of what was held" in released
    assert Operation.objects.filter(rule=rule).count() == 2


def test_what_waits_is_left_out(signed_in, manager, account, rule):
    Rule.objects.update(is_enabled=True, since=clock.now(), monthly_count=0)
    completed(account)
    client = signed_in(manager)
    assert "Leave it out" in text(client.get(at(rule)))

    page = text(client.post(at(rule, "rule-leave-out"), follow=True))

    assert "Left out 1 of what was held or refused." in page
    assert "Leave it out" not in page
    Rule.objects.update(monthly_count=None)
    client.post(at(rule, "rule-release"))
    assert not Operation.objects.exists()


def test_rule_is_switched_off(signed_in, manager, rule):
    Rule.objects.update(is_enabled=True, since=clock.now())

    signed_in(manager).post(at(rule, "rule-switch"))

    rule.refresh_from_db()
    assert (rule.is_enabled, rule.since) == (False, None)


# Who may.


def test_operators_look_and_viewers_do_not(signed_in, operator, viewer, rule):
    assert signed_in(operator).get(at(rule)).status_code == 200
    assert signed_in(operator).get(at(rule, "rule-edit")).status_code == 403
    assert signed_in(operator).get(at(rule, "rule-trial")).status_code == 403
    assert signed_in(viewer).get(reverse("rules")).status_code == 403


def test_rule_of_an_account_that_one_may_not_use_is_not_there(signed_in, manager, account, rule, others):
    account.groups.add(others)

    assert signed_in(manager).get(at(rule)).status_code == 404
    assert rule.name not in text(signed_in(manager).get(reverse("rules")))


def test_rule_that_covers_more_is_changed_by_who_may_use_all_of_it(
    signed_in, manager, account, rule, world, recall
):
    hidden = Account.objects.create(provider="recall", name="Hidden one")
    hidden.groups.add(Group.objects.create(name="theirs"))
    rule.accounts.add(hidden)
    client = signed_in(manager)

    page = text(client.get(at(rule)))

    assert "and 1 that you may not use" in page
    assert "Hidden one" not in page + text(client.get(reverse("rules")))
    for route in ("rule-edit", "rule-switch", "rule-release", "rule-leave-out", "rule-delete"):
        assert client.post(at(rule, route)).status_code == 403
    offered = RuleForm(user=manager).fields["accounts"].choices
    assert [label for _, label in offered] == [f"Recall.ai: {account.name}"]
