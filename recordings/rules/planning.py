"""What a rule would order of a thing: with which options, and for how much."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from recordings import clock, connections, rates, rescues
from recordings.models import Account, Call, Preset, Rate, Recording, Rule
from recordings.providers.orders import Action
from recordings.targets import Target
from recordings.validation import OrderRefused, check_options

KINDS = {
    Rule.Does.RECORD: "recording.start",
    Rule.Does.TRANSCRIBE: "transcript.order",
    Rule.Does.RESCUE: rescues.RESCUE.kind,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One order before it is placed. ``amount`` is None while it is not known; nothing to pay is zero."""

    options: dict[str, Any]
    is_free: bool
    rate: Rate | None
    amount: Decimal | None
    is_open_ended: bool = False  # how long it runs is known when it is over

    @property
    def currency(self) -> str:
        return self.rate.currency if self.rate else ""


def action_of(provider: str, does: str) -> Action | None:
    """What the provider has for this deed, if anything."""
    return rescues.action_of(provider, KINDS[Rule.Does(does)])


def preset_of(rule: Rule, provider: str) -> Preset | None:
    """The options that the rule orders with at this provider."""
    return _of(rule.presets.all(), provider)


class Planner:
    """Plans of one rule: what is the same for all things of an account is read once."""

    def __init__(self, rule: Rule) -> None:
        self._rule = rule
        self._of: dict[int, tuple[dict[str, Any], Rate | None, bool]] = {}

    def plan(self, thing: Call | Recording, *, seconds: float | None = None) -> Plan:
        """The order as it would be placed now; ``seconds`` stands in for how long a call is recorded."""
        options, rate, is_free = self._shared(thing.account)
        length = thing.duration_seconds if isinstance(thing, Recording) else seconds
        return Plan(
            options=options,
            is_free=is_free,
            rate=rate,
            amount=Decimal(0) if is_free else rates.cost(rate, length) if rate else None,
            is_open_ended=isinstance(thing, Call) and seconds is None,
        )

    def _shared(self, account: Account) -> tuple[dict[str, Any], Rate | None, bool]:
        if account.pk not in self._of:
            preset = preset_of(self._rule, account.provider)
            action = action_of(account.provider, self._rule.does)
            options = dict(preset.options) if preset else {}
            rate = _rate(account, action, options)
            self._of[account.pk] = options, rate, rate is None and action is not None and not action.costs
        return self._of[account.pk]


def problems(does: str, accounts: Iterable[Account], presets: Collection[Preset]) -> list[str]:
    """Why orders of such a rule would be refused, by provider; nothing when they would not."""
    found: dict[str, str] = {}
    for account in accounts:
        if account.provider not in found:
            found[account.provider] = problem_at(does, account, _of(presets, account.provider))
    return [text for text in found.values() if text]


def problem_at(does: str, account: Account, preset: Preset | None) -> str:
    """Why this account's orders would be refused, whatever they are about; "" when they would not."""
    face, action = connections.face(account.provider), action_of(account.provider, does)
    if action is None:
        return f"{face.label} cannot do this."
    try:
        target = Target(account=account, subject=action.subject)
        check_options(None, target, action, preset.options if preset else {})
    except OrderRefused as exc:
        wrong = " ".join(f"{name}: {text}" for name, text in exc.errors.items())
        return f"{face.label}: {wrong}" + ("" if preset else " Choose a preset that says it.")
    return ""


def _of(presets: Collection[Preset], provider: str) -> Preset | None:
    return next((each for each in presets if each.provider == provider), None)


def _rate(account: Account, action: Action | None, options: dict[str, Any]) -> Rate | None:
    if action is None:
        return None
    return rates.rate_of(account, action.kind, rates.engine_of(action, options), clock.now())
