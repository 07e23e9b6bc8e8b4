"""Twilio's two kinds of lists; pages are found by tokens, never by their numbers."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlencode

from tests.simulators.http import Request
from tests.simulators.twilio.answers import Refusal

DEFAULT_SIZE = 50


class Listed(Protocol):
    sid: str
    order: int
    created_at: float


@dataclass(kw_only=True)
class Page:
    items: list[Any]
    number: int
    size: int
    total: int
    token: str  # of this page; empty for the first
    next_token: str
    previous_token: str


class Pager:
    """Cuts lists, newest first. A token remembers a place in the list, so new items shift nothing."""

    def __init__(self, new_hex: Callable[[int], str]) -> None:
        self._places: dict[str, tuple[str, tuple[float, int]]] = {}
        self._new_hex = new_hex
        self.repeats_token = False

    def cut(
        self,
        found: Iterable[Listed],
        query: Mapping[str, str],
        *,
        cap: int = 1000,
        oldest_first: bool = False,
    ) -> Page:
        items = sorted(found, key=_place, reverse=not oldest_first)
        size, number = _size(query, cap), int(query.get("Page", "0"))
        token = query.get("PageToken", "")
        first = self._first(items, token, size=size, oldest_first=oldest_first)
        if not token and number:
            raise Refusal(21481, "Page without PageToken")
        chosen = items[first : first + size]
        has_next, has_previous = first + size < len(items), first > 0
        following = self._token("next", chosen[-1]) if has_next else ""
        if self.repeats_token and token:
            following, number = token, number - 1
        before = self._token("back", chosen[0]) if has_previous and chosen else ""
        return Page(
            items=chosen,
            number=number,
            size=size,
            total=len(items),
            token=token,
            next_token=following,
            previous_token=before,
        )

    def _token(self, direction: str, item: Listed) -> str:
        token = f"{'PA' if direction == 'next' else 'PB'}{item.sid}{self._new_hex(4)}"
        self._places[token] = (direction, _place(item))
        return token

    def _first(self, items: list[Listed], token: str, *, size: int, oldest_first: bool) -> int:
        if not token:
            return 0
        if token not in self._places:
            raise Refusal(21481, token)
        direction, place = self._places[token]
        if direction == "next":
            return sum(1 for item in items if _is_until(_place(item), place, oldest_first=oldest_first))
        earlier = sum(
            1
            for item in items
            if _place(item) != place and _is_until(_place(item), place, oldest_first=oldest_first)
        )
        return max(0, earlier - size)


def classic(
    request: Request, key: str, page: Page, shape: Callable[[Any], Any], *, older: bool
) -> dict[str, Any]:
    """The envelope of the 2010 API: links relative to the host."""
    link = _linker(request.path, request, page)
    start = page.number * page.size
    envelope = {
        "first_page_uri": link(0, ""),
        "next_page_uri": link(page.number + 1, page.next_token) if page.next_token else None,
        "previous_page_uri": link(max(0, page.number - 1), page.previous_token)
        if page.previous_token
        else None,
        "uri": link(page.number, page.token),
        "page": page.number,
        "page_size": page.size,
        "start": start,
        "end": start + max(0, len(page.items) - 1),
        key: [shape(item) for item in page.items],
    }
    if older:
        pages = -(-page.total // page.size)
        envelope |= {"last_page_uri": link(max(0, pages - 1), ""), "num_pages": pages, "total": page.total}
    return envelope


def product(
    request: Request, key: str, page: Page, shape: Callable[[Any], Any], *, origin: str
) -> dict[str, Any]:
    """The envelope of the product hosts: absolute links under ``meta``."""
    link = _linker(origin + request.path, request, page)
    meta = {
        "key": key,
        "page": page.number,
        "page_size": page.size,
        "first_page_url": link(0, ""),
        "url": link(page.number, page.token),
        "next_page_url": link(page.number + 1, page.next_token) if page.next_token else None,
        "previous_page_url": link(max(0, page.number - 1), page.previous_token)
        if page.previous_token
        else None,
    }
    return {key: [shape(item) for item in page.items], "meta": meta}


def _linker(base: str, request: Request, page: Page) -> Callable[[int, str], str]:
    filters = [(name, value) for name, value in request.params_list if not name.startswith("Page")]

    def link(number: int, token: str) -> str:
        paging = [("PageSize", str(page.size)), ("Page", str(number))]
        return f"{base}?{urlencode([*filters, *paging, *([('PageToken', token)] if token else [])])}"

    return link


def _place(item: Listed) -> tuple[float, int]:
    return item.created_at, item.order


def _is_until(place: tuple[float, int], end: tuple[float, int], *, oldest_first: bool) -> bool:
    return place <= end if oldest_first else place >= end


def _size(query: Mapping[str, str], cap: int) -> int:
    size = int(query.get("PageSize", DEFAULT_SIZE))
    if size > cap:
        raise Refusal(20007, f"{size} is more than {cap}")
    if size < 1:
        raise Refusal(20422, f"PageSize={size}")
    return size
