"""Live calls that a rule wants recorded and that are not: in red on Now, with the reason."""

import pytest

from dashboard import stamps
from recordings import sync
from recordings.models import Operation, Recording, Rule, RuleMatch
from recordings.models.mirror import Source
from recordings.providers.snapshots import CallSnapshot, CallState, Status

RED = "should be recorded"


@pytest.fixture(autouse=True)
def _fresh_stamps(monkeypatch):
    monkeypatch.setattr(stamps, "KEPT_SECONDS", 0.0)


@pytest.fixture
def rule(account):
    made = Rule.objects.create(name="All calls", does=Rule.Does.RECORD, is_enabled=True)
    made.accounts.add(account)
    return made


def live(account, external_id="bot-1", **facts):
    facts = {"state": CallState.LIVE, "title": "Weekly planning", **facts}
    sync.apply(account, [CallSnapshot(external_id=external_id, **facts)], source=Source.SWEEP)


def shown(client):
    return client.get("/").content.decode()


def test_call_that_a_rule_records_is_not_red(signed_in, operator, world, recall, account, rule):
    call = world.call(account, recall.place_call("Weekly planning"))
    world.advance(20)

    page = shown(signed_in(operator))

    assert call.recordings.get().is_live
    assert RED not in page


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ("queued", "has ordered it, and the order waits to be sent."),
        ("sent", "has ordered it, and the provider&#x27;s answer is awaited."),
        ("in_doubt", "has ordered it, and whether it began is in doubt."),
        ("succeeded", "has ordered it, and it has not begun yet."),
        ("failed", "has ordered it, and nothing came of it (The bot is muted.)."),
    ],
)
def test_order_that_has_not_come_to_a_recording_is_told(signed_in, operator, account, rule, state, told):
    live(account)
    outcome = "The bot is muted." if state == "failed" else ""
    Operation.objects.update(state=state, outcome=outcome)

    page = shown(signed_in(operator))

    assert RED in page
    assert told in page
    assert rule.get_absolute_url() in page


def test_what_is_held_or_refused_says_why(signed_in, viewer, account, rule):
    Rule.objects.update(monthly_count=0)
    live(account)

    page = shown(signed_in(viewer))

    assert "The rule “All calls” held it: The rule&#x27;s limit is reached: 0 a month." in page
    assert rule.get_absolute_url() not in page
    assert "Held or refused by rules" not in page


def test_what_rules_hold_needs_attention(signed_in, operator, account, rule):
    Rule.objects.update(monthly_count=0)
    live(account)

    assert "Held or refused by rules: 1" in shown(signed_in(operator))


def test_call_that_a_rule_means_and_has_not_seen_is_red(signed_in, operator, account):
    live(account)
    live(account, "bot-2", title="Elsewhere")
    rule = Rule.objects.create(name="New", does=Rule.Does.RECORD, is_enabled=True, room="Weekly*")
    rule.accounts.add(account)

    page = shown(signed_in(operator))

    assert page.count(RED) == 1
    assert "orders the recording when the list of calls is read next" in page


def test_what_somebody_stopped_is_not_wanted_any_more(signed_in, operator, account, rule):
    live(account)
    Operation.objects.update(state="succeeded")
    Recording.objects.update(status=Status.COMPLETED)
    by_rule = shown(signed_in(operator))
    RuleMatch.objects.all().delete()
    stamps.forget()

    by_hand = shown(signed_in(operator))

    assert RED not in by_rule
    assert RED not in by_hand


def test_match_of_a_rule_that_is_gone_is_not_red(signed_in, operator, account, rule):
    live(account)
    other = Rule.objects.create(name="Other", does=Rule.Does.RECORD, is_enabled=True, room="nowhere")
    other.accounts.add(account)
    rule.delete()

    assert RED not in shown(signed_in(operator))
