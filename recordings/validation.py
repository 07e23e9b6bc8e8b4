"""Checks an order's options before anything is written down."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth.models import AbstractUser

from recordings import connections
from recordings.models import Account
from recordings.providers.options import Options, clean
from recordings.providers.orders import Action
from recordings.targets import Target

MANAGE = "recordings.manage_bulk"
NO_CALLBACKS = "This needs a public https address of Tapedeck, which is not set: it cannot work."


class OrderRefused(Exception):
    """The order was not written down; nothing was sent and nothing is charged."""

    def __init__(self, message: str, *, errors: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.errors = errors or {}


def check_options(
    user: AbstractUser | None, target: Target, action: Action, options: Options
) -> dict[str, Any]:
    """The options as they will be sent; raises ``OrderRefused`` with a message per wrong field."""
    adapter = connections.face(target.account.provider)
    typed = [option for option in action.options if not option.is_ours]
    cleaned, errors = clean(typed, options)
    errors |= {} if errors else adapter.check_options(action.kind, cleaned)
    for option in typed:
        if option.name not in cleaned:
            continue
        if option.needs_callback and not target.account.has_callbacks:
            errors[option.name] = NO_CALLBACKS
        if option.sends_elsewhere and cleaned[option.name]:
            problem = _foreign(user, target.account, cleaned[option.name])
            errors |= {option.name: problem} if problem else {}
    if errors:
        raise OrderRefused("Some options are wrong: nothing was sent.", errors=errors)
    return cleaned


def _foreign(user: AbstractUser | None, account: Account, value: Any) -> str:
    """Why content may not be sent to the addresses in this option; "" when it may."""
    if user is not None and not user.has_perm(MANAGE):
        return "Sending content elsewhere needs the manager role."
    hosts = {urlsplit(link).hostname or "" for link in _links(value)}
    strange = sorted(hosts - set(account.allowed_hosts))
    return f"Not on this account's list of hosts: {', '.join(strange)}." if strange else ""


def _links(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for item in value.values():
            yield from _links(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _links(item)
    elif isinstance(value, str) and "://" in value:
        yield value
