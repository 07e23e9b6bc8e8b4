"""A polled region as it was drawn last, for everybody who may see the same: only their token differs."""

from collections import OrderedDict
from collections.abc import Callable, Hashable

from django.http import HttpRequest
from django.middleware.csrf import get_token

KEPT = 32
# Stands where each person's own token goes; as long as one, and never a part of anything else.
TOKEN = "token-of-whoever-asks".center(64, "-")

_drawn: OrderedDict[Hashable, str] = OrderedDict()


def drawn(request: HttpRequest, key: Hashable, draw: Callable[[], str]) -> str:
    """Return what `draw` gave for `key`, which names all that it depends on but the token.

    `draw` writes `TOKEN` where the token of the request belongs. Two people may so be given the same
    order key for the same button: if both press, it is one order.
    """
    text = _drawn.get(key)
    if text is None:
        text = _drawn[key] = draw()
        while len(_drawn) > KEPT:
            _drawn.popitem(last=False)
    return text.replace(TOKEN, get_token(request))


def forget() -> None:
    """Draw everything anew."""
    _drawn.clear()
