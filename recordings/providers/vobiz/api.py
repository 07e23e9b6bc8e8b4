"""Requests to Vobiz: where, with which headers, and what an answer means."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

import httpx

from recordings.providers.base import Connection
from recordings.providers.client import Client, LinkReader, Reply, is_own_host
from recordings.providers.errors import CredentialsRefused, NotFound, Refused, UnexpectedResponse
from recordings.providers.outcomes import Meaning, meaning_of
from recordings.providers.scrub import grants_access, scrubbed
from recordings.providers.vobiz.outcomes import RULES, complaint_of, refusal
from recordings.providers.vobiz.values import LONGEST_ID

ORIGIN = "https://api.vobiz.ai"
PREFIX = "/api/v1"
HOSTS = ("vobiz.ai", ".vobiz.ai")
_PRINTABLE = re.compile(r"[!-~]+")
_ID = re.compile(r"(?=.*[0-9])[0-9A-Za-z][0-9A-Za-z_-]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Api:
    """One account's way to Vobiz."""

    client: Client
    links: LinkReader
    origin: str
    auth_id: str
    auth_token: str

    @classmethod
    def of(cls, connection: Connection) -> "Api":
        origin = (connection.base_url or ORIGIN).rstrip("/").removesuffix(PREFIX)
        return cls(
            client=connection.client,
            links=connection.links,
            origin=origin,
            auth_id=connection.config.get("auth_id", ""),
            auth_token=connection.secrets.get("auth_token", ""),
        )

    def read(self, path: str, params: dict[str, Any] | None = None) -> Reply:
        """A GET below the account; raises unless it succeeds."""
        return self.read_at(self._account(path), params)

    def read_at(self, url: str, params: dict[str, Any] | None = None) -> Reply:
        reply = self.client.request("GET", url, is_write=False, headers=self.headers(), params=params)
        if reply.is_success:
            return reply
        raise refusal(self._meaning(reply, kind=""), reply, kind="")

    def write(self, kind: str, method: str, path: str, body: Mapping[str, Any] | None = None) -> Reply:
        """The one write of an order. An answer that says "it is so already" is a reply like a success.

        The path keeps its case and its last slash: otherwise the answer is 401 (contract 1.1).
        """
        json = None if body is None else dict(body)
        reply = self.client.request(
            method, self._account(path), is_write=True, headers=self.headers(), json=json
        )
        if reply.is_success:
            return reply
        meaning = self._meaning(reply, kind=kind)
        if meaning is not Meaning.DONE:
            raise refusal(meaning, reply, kind=kind)
        _require_words(reply)
        return reply

    def peek(self, url: str, *, last_byte: int) -> Reply:
        """The first bytes of a file at an address of the account's own, of whatever status."""
        headers = {**self.headers(), "Range": f"bytes=0-{last_byte}"}
        return self.client.request("GET", url, is_write=False, headers=headers, cut_at=last_byte + 1)

    def headers(self) -> dict[str, str]:
        """Both headers of every call (contract 1.1)."""
        if not (_PRINTABLE.fullmatch(self.auth_id) and _PRINTABLE.fullmatch(self.auth_token)):
            raise CredentialsRefused(
                "The Auth ID or the Auth Token is empty or has characters that Vobiz never gives out: "
                "copy both again from the Vobiz console. Nothing was sent."
            )
        return {"X-Auth-ID": self.auth_id, "X-Auth-Token": self.auth_token}

    def is_own(self, url: str) -> bool:
        """Whether the headers may go there: hosts of Vobiz, or the account's own."""
        try:
            own = urlsplit(self.origin)
            return is_own_host(url, HOSTS, (own.netloc,)) and bool(httpx.URL(url).host)
        except (ValueError, httpx.InvalidURL):
            return False

    def kept(self, raw: Any) -> Any:
        """What a snapshot may carry of an answer."""
        return scrubbed(raw, secrets=(self.auth_token,))

    def _account(self, path: str) -> str:
        return f"{self.origin}{PREFIX}/Account/{quote(self.auth_id, safe='')}/{path}"

    def _meaning(self, reply: Reply, *, kind: str) -> Meaning:
        code = complaint_of(reply.data).code
        return meaning_of(RULES, kind=kind, status=reply.status, code=code)


def _require_words(reply: Reply) -> None:
    if not complaint_of(reply.data).words:
        raise UnexpectedResponse(
            "A 404 came that is not in Vobiz's words: whether the order was carried out is not known. "
            "Check the account's address.",
            status=reply.status,
            exchange=reply.exchange,
        )


def segment(external_id: str) -> str:
    """An id fit for a path; raises ``Refused`` for what would address something else."""
    if external_id in {"", ".", ".."} or len(external_id) > LONGEST_ID:
        raise Refused(f'"{external_id[:LONGEST_ID]}" is no id of Vobiz: nothing was sent.')
    return quote(external_id, safe="")


def deletable_segment(external_id: str) -> str:
    """The id of one recording. An empty one, or the word ``BulkDelete``, would make a delete hit every
    recording of the account (contract 3.4): an id has a digit and nothing that leads elsewhere."""
    if not _ID.fullmatch(external_id) or len(external_id) > LONGEST_ID:
        raise Refused(f'"{external_id[:LONGEST_ID]}" is not the id of one recording: nothing was sent.')
    return external_id


def is_told_gone(error: NotFound) -> bool:
    """A 404 of Vobiz has an error in JSON (contract 1.2). One of a proxy proves nothing about a recording."""
    return error.exchange is not None and bool(complaint_of(error.exchange.response).words)


def kept_link(url: str) -> str:
    """An address that needs our headers may be kept; one that opens by itself may not."""
    return "" if grants_access(url) else url
