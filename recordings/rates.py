"""What an order costs by the table of rates: an estimate, or unknown where no rate or no length is."""

import math
from datetime import datetime
from decimal import Decimal

from django.db.models import Q

from recordings.models import Account, Rate
from recordings.providers.options import Options
from recordings.providers.orders import Action

ENGINE_OPTIONS = ("engine", "provider")  # what adapters call the choice of who transcribes


def engine_of(action: Action, options: Options) -> str:
    """The engine that was chosen; "" where the provider chooses."""
    named = [option for option in action.options if option.name in ENGINE_OPTIONS]
    return next((str(options.get(option.name) or "") for option in named), "")


def rate_of(account: Account, kind: str, engine: str, at: datetime) -> Rate | None:
    """The rate that held then: the account's own before the provider's, the engine's before any."""
    rates = Rate.objects.filter(provider=account.provider, kind=kind, since__lte=at.date())
    theirs = rates.filter(Q(account=account.pk) | Q(account=None), engine__in={engine, ""})
    return max(theirs, key=lambda each: (each.account_id is not None, each.engine, each.since), default=None)


def cost(rate: Rate, seconds: float | None) -> Decimal | None:
    """What so many seconds cost; None while their number is unknown and decides."""
    if rate.unit == Rate.Unit.ITEM:
        return rate.amount
    if seconds is None:
        return None
    if rate.unit == Rate.Unit.MINUTE:
        return rate.amount * math.ceil(seconds / 60)
    return (rate.amount * Decimal(str(seconds)) / 3600).quantize(Decimal("0.000001"))


def money(amount: Decimal, currency: str) -> str:
    """An amount with its currency; at least two digits."""
    digits = max(2, -int(amount.normalize().as_tuple().exponent))
    return f"{amount:.{digits}f} {currency}".strip()
