"""What an order costs by the table of rates: an estimate, or unknown where no rate or no length is."""

import math
from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal

from recordings.models import Account, Rate
from recordings.providers.options import Options
from recordings.providers.orders import Action

ENGINE_OPTIONS = ("engine", "provider")  # what adapters call the choice of who transcribes
CENT = Decimal("0.000001")


class Table:
    """The rates of some accounts, read once for many orders."""

    def __init__(self, accounts: Iterable[Account]) -> None:
        providers = {each.provider for each in accounts}
        self._rates = list(Rate.objects.filter(provider__in=providers))

    def rate(self, account: Account, kind: str, engine: str, day: date) -> Rate | None:
        """The one that held that day: the account's own before the provider's, the engine's before any."""
        found = [each for each in self._rates if _holds(each, account, kind, engine, day)]
        return max(
            found, key=lambda each: (each.account_id is not None, each.engine, each.since), default=None
        )


def rate_of(account: Account, kind: str, engine: str, at: datetime) -> Rate | None:
    """The rate that held at a moment."""
    return Table([account]).rate(account, kind, engine, at.astimezone(UTC).date())


def engine_of(action: Action, options: Options) -> str:
    """The engine that was chosen; "" where the provider chooses."""
    named = [option for option in action.options if option.name in ENGINE_OPTIONS]
    return next((str(options.get(option.name) or "") for option in named), "")


def cost(rate: Rate, seconds: float | None) -> Decimal | None:
    """What so many seconds cost; None while their number is unknown and decides."""
    if rate.unit == Rate.Unit.ITEM:
        return rate.amount
    if seconds is None:
        return None
    return cost_of_many(rate, minutes=math.ceil(seconds / 60), seconds=seconds)


def cost_of_many(rate: Rate, *, minutes: float, seconds: float) -> Decimal:
    """What things of so many begun minutes, or so many seconds, cost together."""
    if rate.unit == Rate.Unit.MINUTE:
        return rate.amount * int(minutes)
    return (rate.amount * Decimal(str(seconds)) / 3600).quantize(CENT)


def money(amount: Decimal, currency: str) -> str:
    """An amount with its currency; at least two digits."""
    digits = max(2, -int(amount.normalize().as_tuple().exponent))
    return f"{amount:.{digits}f} {currency}".strip()


def _holds(rate: Rate, account: Account, kind: str, engine: str, day: date) -> bool:
    is_theirs = rate.account_id in {None, account.pk} and rate.provider == account.provider
    return is_theirs and rate.kind == kind and rate.engine in {engine, ""} and rate.since <= day
