"""Requests to Daily: where, with which key, and what an answer means (contract 1)."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from recordings.providers.base import Connection
from recordings.providers.client import Client, LinkReader, Reply
from recordings.providers.daily.outcomes import complaint_of, meaning, refusal
from recordings.providers.daily.signatures import secrets_of
from recordings.providers.daily.values import count, mapping, text
from recordings.providers.errors import (
    CredentialsRefused,
    Exchange,
    NotFound,
    Refused,
    Unavailable,
    UnexpectedResponse,
)
from recordings.providers.outcomes import Meaning

ORIGIN = "https://api.daily.co"
PREFIX = "/v1"
HOSTS = ("api.daily.co",)
REQUESTS, LISTING, STARTS = "requests", "listing", "starts"
MOST = 100  # the largest page
REMEMBERED = 3  # rows of a page that the next one may begin after
_PRINTABLE = re.compile(r"[!-~]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """One page, newest first. ``after`` is where the next one begins; empty ends the list."""

    rows: tuple[Mapping[str, Any], ...]
    after: tuple[str, ...] = ()
    total: int | None = None
    exchange: Exchange | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Api:
    """One account's way to Daily."""

    client: Client
    links: LinkReader
    base: str
    domain: str
    api_key: str
    webhook_secrets: tuple[str, ...] = ()  # the first is given to Daily, all are good
    basic_auth: str = ""

    @classmethod
    def of(cls, connection: Connection) -> "Api":
        origin = (connection.base_url or ORIGIN).rstrip("/").removesuffix(PREFIX)
        return cls(
            client=connection.client,
            links=connection.links,
            base=f"{origin}{PREFIX}",
            domain=subdomain(connection.config.get("domain", "")),
            api_key=connection.secrets.get("api_key", "").strip(),
            webhook_secrets=secrets_of(connection.secrets.get("webhook_hmac", "")),
            basic_auth=connection.secrets.get("basic_auth", "").strip(),
        )

    def read(self, path: str, params: dict[str, Any] | None = None, *, bucket: str = REQUESTS) -> Reply:
        """A GET; raises unless it succeeds."""
        url = f"{self.base}{path}"
        reply = self.client.request("GET", url, is_write=False, headers=self._headers(), params=params)
        if reply.is_success:
            return reply
        raise refusal(meaning(reply, kind=""), reply, kind="", bucket=bucket)

    def read_object(self, path: str, params: dict[str, Any] | None = None) -> Mapping[str, Any]:
        return object_of(self.read(path, params))

    def page(
        self,
        path: str,
        params: dict[str, Any],
        *,
        name: str = "id",
        after: Sequence[str] = (),
        limit: int = MOST,
        bucket: str = REQUESTS,
    ) -> Listing:
        """One page of a list after the first row of ``after`` that Daily still knows.

        A row deleted between two pages is no cursor any more, and the next best one takes its place. When
        none is left the list begins anew, and the caller sees that it goes in circles.
        """
        for cursor in after:
            try:
                found = self.read(path, {**params, "limit": limit, "starting_after": cursor}, bucket=bucket)
                return listing_of(found, name=name, limit=limit)
            except Refused as exc:
                if exc.status not in {400, 404} or isinstance(exc, CredentialsRefused):
                    raise
        return listing_of(self.read(path, {**params, "limit": limit}, bucket=bucket), name=name, limit=limit)

    def write(
        self,
        kind: str,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        bucket: str = REQUESTS,
    ) -> Reply:
        """The one write of an order. An answer that says "it is so already" is a reply like a success."""
        reply = self.client.request(
            method,
            f"{self.base}{path}",
            is_write=True,
            headers=self._headers(),
            json=None if body is None else dict(body),
        )
        if reply.is_success:
            return reply
        found = meaning(reply, kind=kind)
        if found is Meaning.DONE and reply.status == 404:
            self.require_told_gone(reply, kind=kind)
        if found is not Meaning.DONE:
            raise refusal(found, reply, kind=kind, bucket=bucket)
        return reply

    def require_told_gone(self, reply: Reply, *, kind: str = "") -> None:
        """A 404 means "gone" only in Daily's own words and by a key of the account's own domain: behind a
        wrong address or with another domain's key everything would look deleted."""
        if not complaint_of(reply.data).code:
            raise refusal(Meaning.GONE, reply, kind=kind, bucket=REQUESTS)
        self.require_own_domain()

    def is_gone(self, missing: NotFound) -> bool:
        """Whether a 404 of a read means that the thing is deleted."""
        if not missing.code:
            return False
        self.require_own_domain()
        return True

    def require_own_domain(self) -> None:
        found = subdomain(text(self.read_object("/").get("domain_name"))) if self.domain else ""
        if found and found != self.domain:
            raise CredentialsRefused(other_domain(found, self.domain), code="other-domain")

    def _headers(self) -> dict[str, str]:
        if not _PRINTABLE.fullmatch(self.api_key):
            raise CredentialsRefused(
                "The API key is empty or has characters that Daily never gives out: copy it again from "
                "Daily's dashboard. Nothing was sent."
            )
        return {"Authorization": f"Bearer {self.api_key}"}


@contextmanager
def looking_first() -> Iterator[None]:
    """Around the looks before an order is sent: one that fails is a refusal that may pass, never a doubt."""
    try:
        yield
    except (Unavailable, UnexpectedResponse) as failed:
        raise Refused(
            f"{failed.message} That was a look before the order: nothing was sent.",
            can_wait=True,
            code=failed.code,
            status=failed.status,
            retry_after_seconds=failed.retry_after_seconds,
            exchange=failed.exchange,
        ) from failed


def subdomain(domain: str) -> str:
    """``fernweh`` of ``fernweh``, ``fernweh.daily.co`` and ``https://fernweh.daily.co/``."""
    host = domain.strip().lower().rpartition("://")[2].partition("/")[0]
    return host.removesuffix(".daily.co")


def other_domain(found: str, wanted: str) -> str:
    return (
        f"The API key belongs to the Daily domain {found}, but this account is {wanted}: "
        "type the key of that domain, or make another account for it."
    )


def segment(value: str) -> str:
    """One part of a path; a room may have any name (contract 8)."""
    if value in {"", ".", ".."}:
        raise Refused("Daily's id of this is not known yet: nothing was sent.")
    return quote(value, safe="")


def object_of(reply: Reply) -> Mapping[str, Any]:
    data = reply.data
    if not isinstance(data, dict):
        raise unexpected(reply, "no object")
    return data


def id_of(data: Mapping[str, Any], name: str, reply: Reply | None = None) -> str:
    found = text(data.get(name))
    if not found:
        raise unexpected(reply, f"no {name}")
    return found


def unexpected(reply: Reply | None, what: str) -> UnexpectedResponse:
    return UnexpectedResponse(
        f"Daily's answer has {what} where its documentation promises one.",
        status=reply.status if reply else None,
        exchange=reply.exchange if reply else None,
    )


def listing_of(reply: Reply, *, name: str, limit: int = MOST) -> Listing:
    """``{"total_count", "data"}``; a short page is the last one (contract 1)."""
    body = object_of(reply)
    rows = body.get("data")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise unexpected(reply, "no list of objects")
    ids = [id_of(row, name, reply) for row in rows]
    after = tuple(reversed(ids[-REMEMBERED:])) if len(rows) >= limit else ()
    total = count(body.get("total_count"))
    return Listing(rows=tuple(rows), after=after, total=total, exchange=reply.exchange)


def read_cursor(cursor: str) -> dict[str, Any]:
    """What ``cursor_of`` made; anything else is the beginning."""
    try:
        return dict(mapping(json.loads(cursor))) if cursor else {}
    except ValueError:
        return {}


def cursor_of(after: Sequence[str], **place: str) -> str:
    return json.dumps({**place, "after": list(after)})


def after_of(cursor: Mapping[str, Any]) -> tuple[str, ...]:
    found = cursor.get("after")
    return tuple(filter(None, map(text, found))) if isinstance(found, list) else ()
