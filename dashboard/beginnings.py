"""With what an order's form begins: its own defaults, the last options, a preset, or an earlier order."""

import uuid
from dataclasses import dataclass
from datetime import timedelta

from django.contrib.auth.models import AbstractUser
from django.http import QueryDict
from django.utils import timezone

from recordings import presets
from recordings.models import Operation, Preset
from recordings.providers.options import Options
from recordings.providers.orders import Action
from recordings.targets import Target

LAST_SPAN = timedelta(days=30)
NOBODY = uuid.UUID(int=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginning:
    """One way to begin; ``query`` follows the form's address."""

    label: str
    query: str
    is_current: bool


def beginnings(target: Target, action: Action, chosen: QueryDict) -> list[Beginning]:
    """What can be chosen; nothing where there is nothing to preset."""
    if not presets.fields_of(action):
        return []
    found = [("Defaults", "?"), ("My last options", "?last=1")]
    kept = presets.of_kind(target.account.provider, action.kind)
    found += [(preset.name, f"?preset={preset.key}") for preset in kept]
    now = f"?{chosen.urlencode()}"
    return [Beginning(label=label, query=query, is_current=query == now) for label, query in found]


def given(user: AbstractUser, target: Target, action: Action, chosen: QueryDict) -> Options | None:
    """The options that were chosen to begin with; None for the form's own defaults."""
    if "last" in chosen:
        return last(user, target, action)
    if "preset" in chosen:
        preset = preset_of(target.account.provider, action, chosen.get("preset", ""))
        return preset.options if preset else None
    again = Operation.objects.usable_by(user).filter(key=key_in(chosen.get("again", "")), kind=action.kind)
    found = again.first()
    return found.options if found else None


def preset_of(provider: str, action: Action, text: str) -> Preset | None:
    """The preset with this key, if it is one of these."""
    return Preset.objects.filter(key=key_in(text), provider=provider, kind=action.kind).first()


def key_in(text: str) -> uuid.UUID:
    """A key as it stands in an address; for anything else one that nothing has."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return NOBODY


def last(user: AbstractUser, target: Target, action: Action) -> Options | None:
    """Without what is required: an address or a name is of that one time."""
    since = timezone.now() - LAST_SPAN
    theirs = Operation.objects.filter(account=target.account, kind=action.kind, ordered_by=user.pk)
    newest = theirs.filter(created_at__gte=since).order_by("-created_at", "-pk").first()
    if newest is None:
        return None
    once = {option.name for option in action.options if option.is_required and option.default is None}
    return {name: value for name, value in newest.options.items() if name not in once}
