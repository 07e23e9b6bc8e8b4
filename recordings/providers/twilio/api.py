"""Requests to Twilio: which host, which credentials, and what an answer means (contract 1)."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, quote, urlsplit

from recordings.providers.base import Connection
from recordings.providers.client import Client, Reply
from recordings.providers.errors import CredentialsRefused, UnexpectedResponse
from recordings.providers.outcomes import Meaning, meaning_of
from recordings.providers.twilio.actions import API, INTELLIGENCE_API
from recordings.providers.twilio.outcomes import RULES, complaint_of, refusal
from recordings.providers.twilio.values import mapping, text

CLASSIC_ORIGIN = "https://api.twilio.com"
PRODUCT_ORIGIN = "https://intelligence.twilio.com"
HOSTS = ("api.twilio.com", "intelligence.twilio.com")
VERSION = "/2010-04-01"
PRODUCT_VERSION = "/v2"
Form = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Api:
    """One account's way to Twilio: the 2010 API ("classic") and Intelligence v2 ("product")."""

    client: Client
    classic_origin: str
    product_origin: str
    account_sid: str
    auth: tuple[str, str]

    @classmethod
    def of(cls, connection: Connection) -> "Api":
        """A base address of the account's own carries both APIs: their paths do not overlap."""
        own = connection.base_url.rstrip("/").removesuffix(VERSION)
        return cls(
            client=connection.client,
            classic_origin=own or CLASSIC_ORIGIN,
            product_origin=own or PRODUCT_ORIGIN,
            account_sid=connection.config.get("account_sid", ""),
            auth=_auth(connection),
        )

    def classic(self, path: str) -> str:
        """An address below the account; ``path`` begins without a slash and ends in ``.json``."""
        return f"{self.classic_origin}{VERSION}/Accounts/{sid(self.account_sid)}/{path}"

    def product(self, path: str) -> str:
        return f"{self.product_origin}{PRODUCT_VERSION}/{path}"

    def read(
        self, url: str, params: list[tuple[str, str]] | None = None, *, auth: tuple[str, str] | None = None
    ) -> Reply:
        """A GET; raises unless it succeeds."""
        reply = self.client.request("GET", url, is_write=False, params=params, auth=self._credentials(auth))
        if reply.is_success:
            return reply
        raise refusal(_meaning(reply, kind=""), reply, kind="", bucket=self._bucket(url))

    def write(self, kind: str, method: str, url: str, form: Form | None = None) -> Reply:
        """The one write of an order. An answer that says "it is so already" is a reply like a success."""
        reply = self.client.request(method, url, is_write=True, data=form, auth=self._credentials(None))
        meaning = Meaning.DONE if reply.is_success else _meaning(reply, kind=kind)
        if meaning is Meaning.DONE:
            return reply
        raise refusal(meaning, reply, kind=kind, bucket=self._bucket(url))

    def peek(self, url: str) -> Reply:
        """The first byte of a file, of whatever status."""
        return self.client.request(
            "GET",
            url,
            is_write=False,
            headers={"Range": "bytes=0-0"},
            auth=self._credentials(None),
            cut_at=LARGEST_PEEK,
        )

    def authorization(self) -> str:
        """The header of a request for media, which another part of the program makes."""
        user, password = self._credentials(None)
        return f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"

    def next_link(self, link: Any, *, path: str) -> str:
        """The path and query of a next page, to be kept as a cursor; "" after the last one.

        Classic links are relative, product links absolute (contract 1.6). A host that is neither ours
        nor Twilio's, or a path outside the listing, is refused: our credentials would go there.
        """
        if not link:
            return ""
        parts = _parts(link)
        if parts is None or not self._is_own(parts.scheme, parts.netloc) or parts.path != path:
            raise UnexpectedResponse(
                "Twilio's listing goes on at an address that is not its own: not followed."
            )
        return f"{parts.path}?{parts.query}"

    def _is_own(self, scheme: str, netloc: str) -> bool:
        """Only the path is kept of it and asked for at our own address: its scheme does not matter."""
        if not netloc:
            return not scheme
        return netloc in {urlsplit(own).netloc for own in (self.classic_origin, self.product_origin)} or (
            netloc in HOSTS
        )

    def _credentials(self, auth: tuple[str, str] | None) -> tuple[str, str]:
        chosen = auth or self.auth
        if not (self.account_sid and all(chosen)):
            raise CredentialsRefused(
                "The account's Account SID, Auth Token or API key is missing: nothing was sent."
            )
        return chosen

    def _bucket(self, url: str) -> str:
        is_product = urlsplit(url).path.startswith(f"{PRODUCT_VERSION}/")
        return INTELLIGENCE_API.name if is_product else API.name


LARGEST_PEEK = 4_096  # enough for an error's body


def sid(value: str) -> str:
    """An id as one segment of a path."""
    return quote(value, safe="")


def object_of(reply: Reply, *names: str) -> Mapping[str, Any]:
    """The answer as a JSON object with these fields; raises ``UnexpectedResponse``."""
    found = mapping(reply.data)
    missing = [name for name in names if name not in found]
    if not found or missing:
        what = f"without {', '.join(missing)}" if found else "that is no JSON object"
        raise UnexpectedResponse(
            f"Twilio gave an answer {what}.", status=reply.status, exchange=reply.exchange
        )
    return found


def named_of(reply: Reply) -> Mapping[str, Any]:
    """The answer to a write: an object with a SID; raises ``UnexpectedResponse``."""
    found = object_of(reply, "sid")
    if not text(found["sid"]):
        raise UnexpectedResponse(
            "Twilio gave an answer without a SID.", status=reply.status, exchange=reply.exchange
        )
    return found


def items_of(reply: Reply, name: str) -> list[Any]:
    """The entries of a listing; raises ``UnexpectedResponse``."""
    found = object_of(reply, name)[name]
    if not isinstance(found, list):
        raise UnexpectedResponse(
            f"Twilio gave a listing without {name}.", status=reply.status, exchange=reply.exchange
        )
    return found


def _parts(link: Any) -> SplitResult | None:
    try:
        return urlsplit(link) if isinstance(link, str) else None
    except ValueError:
        return None


def _auth(connection: Connection) -> tuple[str, str]:
    """The API key when there is a whole one, else the Account SID with its Auth Token (contract 1.1)."""
    key = connection.config.get("api_key_sid", ""), connection.secrets.get("api_key_secret", "")
    return key if all(key) else token_auth(connection)


def token_auth(connection: Connection) -> tuple[str, str]:
    return connection.config.get("account_sid", ""), connection.secrets.get("auth_token", "")


def _meaning(reply: Reply, *, kind: str) -> Meaning:
    code = complaint_of(reply).code
    return meaning_of(RULES, kind=kind, status=reply.status, code=code)
