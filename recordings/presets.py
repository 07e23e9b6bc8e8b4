"""Presets: named option sets, checked like the form when they are saved and again with each order."""

from dataclasses import replace
from typing import Any

from recordings import connections
from recordings.models import Preset
from recordings.providers.options import Option, Options, clean
from recordings.providers.orders import Action
from recordings.validation import OrderRefused


def kinds() -> list[tuple[str, Action]]:
    """Every provider's kinds of order that have something to preset."""
    return [
        (provider, action)
        for provider, face in connections.faces().items()
        for action in face.actions
        if fields_of(action)
    ]


def fields_of(action: Action) -> tuple[Option, ...]:
    """What a preset can hold: nothing that Tapedeck fills or that needs an account's list of hosts.

    What an order requires may be left open: it is typed with the order.
    """
    typed = [option for option in action.options if not option.is_ours and not option.sends_elsewhere]
    return tuple(replace(option, is_required=False) for option in typed)


def check(action: Action, provider: str, options: Options) -> dict[str, Any]:
    """The options as they are kept; raises ``OrderRefused`` with a message per wrong field."""
    cleaned, errors = clean(fields_of(action), options)
    errors |= {} if errors else connections.face(provider).check_options(action.kind, cleaned)
    open_fields = {option.name for option in action.options if option.is_required} - set(cleaned)
    errors = {name: text for name, text in errors.items() if name not in open_fields}
    if errors:
        raise OrderRefused("Some options are wrong: the preset was not saved.", errors=errors)
    return cleaned


def of_kind(provider: str, kind: str) -> list[Preset]:
    """The presets that an order of this kind can begin with."""
    return list(Preset.objects.filter(provider=provider, kind=kind).defer("options"))
