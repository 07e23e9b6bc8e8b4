"""Requests to Recall.ai: address, key, pages, and what an answer means (contract, section 1)."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from recordings.providers.base import Connection
from recordings.providers.client import Reply
from recordings.providers.errors import CredentialsRefused, Refused, UnexpectedResponse
from recordings.providers.recall.answers import failure
from recordings.providers.recall.reading import text

REGIONS: Mapping[str, str] = {
    "us-east-1": "US East (us-east-1)",
    "us-west-2": "US West (us-west-2, pay-as-you-go)",
    "eu-central-1": "EU, Frankfurt (eu-central-1)",
    "ap-northeast-1": "Japan, Tokyo (ap-northeast-1)",
}
HOSTS = (*(f"{region}.recall.ai" for region in REGIONS), "api.recall.ai")
ROOT = "/api/v1/"

Params = Sequence[tuple[str, str]]


class Api:
    """One account's API. Paths end with a slash, as section 1.3 asks."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @property
    def base(self) -> str:
        """Scheme and host; raises ``Refused`` when no region was chosen: there is no default."""
        given = self._connection.base_url.rstrip("/").removesuffix(ROOT.rstrip("/"))
        region = self._connection.config.get("region", "")
        if given:
            return given
        if region not in REGIONS:
            raise Refused("This account has no region: choose the one that its API key was made in.")
        return f"https://{region}.recall.ai"

    @staticmethod
    def path(*parts: str) -> str:
        """``path("bot", id)`` is ``bot/<id>/``."""
        return "".join(f"{quote(part, safe='')}/" for part in parts)

    def read(self, path: str, *, params: Params = (), bucket: str = "retrieve") -> Mapping[str, Any]:
        """The object that a GET answers."""
        return self._read(f"{self.base}{ROOT}{path}", params=params, bucket=bucket)

    def page(self, name: str, *, params: Params = (), following: str = "") -> Mapping[str, Any]:
        """One page of a list; ``following`` is the ``next`` of the page before, as it came."""
        url = f"{self.base}{ROOT}{name}/"
        pairs = [(str(key), str(value)) for key, value in params]
        if following.startswith(("http:", "https:", "/")):
            url, pairs = self._next(following), []
        elif following:
            pairs.append(("cursor", following))
        page = self._read(url, params=pairs, bucket="list")
        if not isinstance(page.get("results"), list):
            raise UnexpectedResponse("Recall.ai's list holds no results.")
        return page

    def pages(self, name: str, *, params: Params, most: int) -> Iterator[Mapping[str, Any]]:
        """Up to ``most`` pages. The last one's ``next`` tells whether the list was seen whole."""
        following = ""
        for _ in range(most):
            page = self.page(name, params=params, following=following)
            yield page
            following = text(page.get("next"))
            if not following:
                return

    def write(self, method: str, path: str, *, body: Any, send_key: str) -> Reply:
        """One write. ``send_key`` "" sends no ``Idempotency-Key``."""
        extra = {"Idempotency-Key": send_key} if send_key else {}
        return self._connection.client.request(
            method,
            f"{self.base}{ROOT}{path}",
            is_write=True,
            headers={**self._headers(), **extra},
            json=body,
        )

    def _read(self, url: str, *, params: Params, bucket: str) -> Mapping[str, Any]:
        # Never a body on a GET: the firewall answers 403 (section 1.3).
        reply = self._connection.client.request(
            "GET", url, is_write=False, headers=self._headers(), params=list(params) or None
        )
        if not reply.is_success:
            raise failure(reply, kind="", bucket=bucket)
        return object_of(reply)

    def _headers(self) -> dict[str, str]:
        # Section 1.2: "Token " before the key, not doubled when the typed key has it already.
        key = self._connection.secrets.get("api_key", "").strip()
        first, _, rest = key.partition(" ")
        key = rest.strip() if first.lower() == "token" else key
        if not key or not key.isascii() or not key.isprintable():
            raise CredentialsRefused("This account's API key is missing or holds signs that no key has.")
        return {"Authorization": f"Token {key}", "Accept": "application/json"}

    def _next(self, link: str) -> str:
        # Section 1.4: it is called with the API key, so only at our own address.
        url = f"{self.base}{link}" if link.startswith("/") else link
        if not url.startswith(f"{self.base}{ROOT}"):
            raise Refused("Recall.ai's list goes on at a foreign address: it was not followed.")
        return url


def object_of(reply: Reply) -> Mapping[str, Any]:
    """The JSON object of an answer; raises ``UnexpectedResponse`` for anything else."""
    data = reply.data
    if not isinstance(data, dict):
        raise UnexpectedResponse(
            "Recall.ai's answer is no JSON object.", status=reply.status, exchange=reply.exchange
        )
    return data
