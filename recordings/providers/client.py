"""HTTP to a provider: one deadline over a whole exchange, bounded bodies, and no guess about an outcome."""

import io
import json
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO
from urllib.parse import urlsplit

import httpx

from recordings.providers.errors import Exchange, NotSent, OutcomeUnknown, Refused, Unavailable
from recordings.providers.network import AddressRefused, TooLate, deadline, is_listed
from recordings.providers.scrub import LONGEST, scrubbed

LARGEST_ANSWER = 50 * 1024 * 1024
LARGEST_REDIRECTS = 3
TOO_LATE = "too_late"  # the code of a write that was held back here
_KEPT_HEADERS = (
    *("date", "retry-after", "content-type", "content-range", "x-request-id"),
    *("x-rate-limit-limit", "x-rate-limit-remaining", "x-rate-limit-config"),
)
_NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A complete answer of whatever status."""

    status: int
    headers: Mapping[str, str]  # names in lower case
    content: bytes
    exchange: Exchange

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300

    @property
    def text(self) -> str:
        return self.content.decode("utf-8", "replace")

    @property
    def data(self) -> Any:
        """The body as JSON, or None when it is none."""
        try:
            return json.loads(self.content)
        except (ValueError, RecursionError):
            return None

    @property
    def retry_after_seconds(self) -> float | None:
        return retry_after(self.headers.get("retry-after", ""))


class Client:
    """Requests with an account's credentials, to the account's own hosts only."""

    def __init__(
        self,
        http: httpx.Client,
        *,
        hosts: Sequence[str],
        loopback_hosts: Sequence[str] = (),
        secrets: Iterable[str] = (),
        deadline_seconds: float = 30.0,
    ) -> None:
        self._http = http
        self._hosts = tuple(hosts)
        self._loopback_hosts = tuple(loopback_hosts)
        self._secrets = tuple(secrets)
        self._deadline_seconds = deadline_seconds

    def request(
        self,
        method: str,
        url: str,
        *,
        is_write: bool,
        headers: Mapping[str, str] | None = None,
        params: dict[str, Any] | list[tuple[str, Any]] | None = None,
        json: Any = None,
        data: Mapping[str, Any] | None = None,
        auth: tuple[str, str] | None = None,
        largest: int = LARGEST_ANSWER,
        cut_at: int | None = None,
        sink: BinaryIO | None = None,
        deadline_seconds: float | None = None,
    ) -> Reply:
        """One exchange. Any complete answer is a ``Reply``; redirects are not followed.

        With ``cut_at`` so many bytes of the body are enough: a file is looked at, not fetched. With
        ``sink`` the body of a success goes there instead of into the reply. ``deadline_seconds``
        replaces the client's own.

        Raises ``NotSent`` (not one byte left), ``OutcomeUnknown`` (a write without an answer),
        ``Unavailable`` (a read without one), ``Refused`` (the address is not the account's own).
        """
        self._require_own_host(url)
        request = self._http.build_request(method, url, headers=headers, params=params, json=json, data=data)
        began = time.monotonic()
        try:
            with deadline(deadline_seconds or self._deadline_seconds, is_write=is_write):
                response = self._http.send(
                    request, stream=True, auth=auth or httpx.USE_CLIENT_DEFAULT, follow_redirects=False
                )
                content = _read(response, largest, cut_at, sink)
        except httpx.HTTPError as exc:
            exchange = self._exchange(request, json or data, None, b"", began)
            raise _failure(exc, is_write=is_write, exchange=exchange) from exc
        return Reply(
            status=response.status_code,
            headers={name.lower(): value for name, value in response.headers.items()},
            content=content,
            exchange=self._exchange(request, json or data, response, content, began),
        )

    def _require_own_host(self, url: str) -> None:
        if not is_own_host(url, self._hosts, self._loopback_hosts):
            raise Refused(f"{urlsplit(url).hostname} is not an address of this account: nothing was sent.")

    def _exchange(
        self,
        request: httpx.Request,
        body: Any,
        response: httpx.Response | None,
        content: bytes,
        began: float,
    ) -> Exchange:
        answer = scrubbed(_decoded(content), secrets=self._secrets) if response is not None else None
        kept = {} if response is None else response.headers
        return Exchange(
            method=request.method,
            url=scrubbed(str(request.url), secrets=self._secrets),
            request=scrubbed(body, secrets=self._secrets),
            status=None if response is None else response.status_code,
            response=answer,
            seconds=round(time.monotonic() - began, 3),
            headers={name: kept[name] for name in _KEPT_HEADERS if name in kept},
        )


class LinkReader:
    """Reads links that stood in an answer, without credentials.

    ``http`` must refuse addresses that are not public (``GuardedTransport``). Only https, unless the
    host is one of ``loopback_hosts``; each redirect is checked again, at most three.
    """

    def __init__(
        self,
        http: httpx.Client,
        *,
        loopback_hosts: Sequence[str] = (),
        deadline_seconds: float = 30.0,
    ) -> None:
        self._http = http
        self._loopback_hosts = tuple(loopback_hosts)
        self._deadline_seconds = deadline_seconds

    def read(
        self,
        url: str,
        *,
        byte_range: str = "",
        largest: int = LARGEST_ANSWER,
        cut_at: int | None = None,
        sink: BinaryIO | None = None,
        deadline_seconds: float | None = None,
    ) -> Reply:
        """The answer behind a link, of whatever status; raises ``Unavailable`` or ``Refused``.

        ``byte_range`` is a ``Range`` header; ``cut_at``, ``sink`` and ``deadline_seconds`` are as in
        ``Client.request``.
        """
        headers = {"Range": byte_range, "Accept-Encoding": "identity"} if byte_range else {}
        with deadline(deadline_seconds or self._deadline_seconds):
            for _ in range(LARGEST_REDIRECTS + 1):
                reply = self._read_once(url, headers, largest, cut_at, sink)
                if reply.status not in {301, 302, 303, 307, 308}:
                    return reply
                url = str(httpx.URL(url).join(reply.headers.get("location", "")))
        raise Unavailable("The link was redirected more than three times.")

    def _read_once(
        self, url: str, headers: Mapping[str, str], largest: int, cut_at: int | None, sink: BinaryIO | None
    ) -> Reply:
        parts = urlsplit(url)
        if not is_safe_link(url, self._loopback_hosts):
            raise Refused("The provider gave a link that is not https: it was not followed.")
        began = time.monotonic()
        exchange = Exchange(method="GET", url=f"{parts.scheme}://{parts.netloc}{parts.path}")
        try:
            request = self._http.build_request("GET", url, headers=headers)
            response = self._http.send(request, stream=True, auth=None, follow_redirects=False)
            content = _read(response, largest, cut_at, sink)
        except httpx.HTTPError as exc:
            raise _failure(exc, is_write=False, exchange=exchange) from exc
        return Reply(
            status=response.status_code,
            headers={name.lower(): value for name, value in response.headers.items()},
            content=content,
            exchange=Exchange(
                method="GET",
                url=exchange.url,
                status=response.status_code,
                seconds=round(time.monotonic() - began, 3),
            ),
        )


def is_own_host(url: str, hosts: Sequence[str], loopback_hosts: Sequence[str]) -> bool:
    """Whether credentials may go to ``url``: https to one of ``hosts`` (".x.y" means below x.y)."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if is_listed(host, parts.port, loopback_hosts):
        return True
    if parts.scheme != "https":
        return False
    return any(host == own or (own.startswith(".") and host.endswith(own)) for own in hosts)


def is_safe_link(url: str, loopback_hosts: Sequence[str]) -> bool:
    """Whether a link from an answer may be followed at all."""
    parts = urlsplit(url)
    if is_listed(parts.hostname or "", parts.port, loopback_hosts):
        return True
    return parts.scheme == "https" and bool(parts.hostname)


def retry_after(value: str) -> float | None:
    """Seconds of a ``Retry-After`` header that counts them; None for anything else.

    A date in it is not read: no contract promises one, and it would trust two clocks.
    """
    try:
        seconds = float(value)
    except ValueError:
        return None
    return seconds if 0 <= seconds < 86_400 else None


def _read(response: httpx.Response, largest: int, cut_at: int | None, sink: BinaryIO | None = None) -> bytes:
    content = io.BytesIO()
    goes_to = sink if sink is not None and response.is_success else content
    size = 0
    try:
        for piece in response.iter_bytes():
            size += len(piece)
            if cut_at is None and size > largest:
                raise httpx.ReadError(f"the answer is larger than {largest} bytes")
            goes_to.write(piece)
            if cut_at is not None and size >= cut_at:
                break
    finally:
        response.close()
    return content.getvalue()[:cut_at]


def _failure(exc: httpx.HTTPError, *, is_write: bool, exchange: Exchange) -> Exception:
    reason = str(exc) or type(exc).__name__
    if isinstance(exc.__cause__, TooLate):
        return NotSent(f"Nothing was sent: {reason}", code=TOO_LATE, exchange=exchange)
    if isinstance(exc, _NEVER_LEFT) or isinstance(exc.__cause__, AddressRefused):
        return NotSent(f"The provider could not be reached: {reason}", exchange=exchange)
    if is_write:
        return OutcomeUnknown(f"The request left, but no complete answer came: {reason}", exchange=exchange)
    return Unavailable(f"The provider did not answer: {reason}", exchange=exchange)


def _decoded(content: bytes) -> Any:
    text = content[:LONGEST].decode("utf-8", "replace")
    if len(content) > LONGEST:
        return text
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
