"""What rules order, at every provider: a recording of a live call, and the rescue of a finished one."""

from pathlib import Path
from typing import Any

import pytest

from recordings.models import Operation, Preset, Recording, Rescue, Rule, RuleMatch
from tests.contract.conftest import Provider


@pytest.fixture(autouse=True)
def _own_data_folder(settings: Any, tmp_path: Path) -> None:
    settings.TAPEDECK_DATA = tmp_path


def test_rule_records_a_live_call_once(provider: Provider) -> None:
    facts = {"provider": provider.slug, "kind": "recording.start", "name": "As the form begins"}
    preset = Preset.objects.create(options=provider.start_options(), **facts)
    rule = Rule.objects.create(name="All calls", does=Rule.Does.RECORD, is_enabled=True)
    rule.accounts.add(provider.account)
    rule.presets.add(preset)

    call = provider.place_call()
    provider.world.advance(30)
    provider.world.look_at_calls(provider.account)

    (order,) = Operation.objects.filter(kind="recording.start")
    assert (order.rule, order.call, order.state) == (rule, call, Operation.State.SUCCEEDED)
    assert RuleMatch.objects.get().state == RuleMatch.State.ORDERED
    assert Recording.objects.get(key=order.made_key).is_live


def test_rule_rescues_what_completes(provider: Provider) -> None:
    rule = Rule.objects.create(name="Keep all", does=Rule.Does.RESCUE, is_enabled=True)
    rule.accounts.add(provider.account)

    recording = provider.record()
    provider.world.advance(60)

    (match,) = RuleMatch.objects.all()
    assert (match.state, match.reason) == (RuleMatch.State.ORDERED, "")
    assert match.operation is not None
    assert (match.operation.state, match.operation.outcome_code) == (Operation.State.SUCCEEDED, "")
    rescue = Rescue.objects.get()
    assert rescue.recording == recording
    assert match.operation.rule == rule
    assert rescue.size > 1000
