"""The presigned file host: path-style S3 links that expire and that tolerate no second authorization."""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote, urlencode

from tests.simulators.clock import Clock
from tests.simulators.http import Request, Response, bytes_answer

OURS = "daily-storage"  # the bucket of everything that lies at Daily
REGION = "us-west-2"
STAMP = "%Y%m%dT%H%M%SZ"
ELSEWHERE = "https://storage.daily.invalid"  # when a request does not say which origin it used


@dataclass(kw_only=True)
class Stored:
    content_type: str
    content: Callable[[], bytes]  # read when it is fetched
    disposition: str = "attachment"


class Storage:
    def __init__(self, clock: Clock, secret: str) -> None:
        self.objects: dict[tuple[str, str], Stored] = {}
        self._clock = clock
        self._secret = secret

    def link(self, request: Request, bucket: str, key: str, *, seconds: int) -> str:
        """A presigned link to an object, by the origin that the caller used."""
        path = f"/{bucket}/{quote(key)}"
        params = {
            "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
            "X-Amz-Date": self._clock.utc().strftime(STAMP),
            "X-Amz-Expires": str(seconds),
        }
        params["X-Amz-Signature"] = self._sign(path, params)
        return f"{request.origin or ELSEWHERE}{path}?{urlencode(params)}"

    def serve(self, request: Request) -> Response:
        """One file; errors are S3's XML."""
        if "authorization" in request.headers:
            return _xml(400, "InvalidArgument", "Only one auth mechanism allowed")
        params = request.params
        given = params.pop("X-Amz-Signature", "")
        # A link is signed for GET; HEAD is another request to S3.
        if request.method != "GET" or not hmac.compare_digest(
            given.encode(), self._sign(request.path, params).encode()
        ):
            return _xml(403, "SignatureDoesNotMatch", "The request signature does not match")
        signed_at = datetime.strptime(params["X-Amz-Date"], STAMP).replace(tzinfo=UTC).timestamp()
        if self._clock.now() >= signed_at + int(params["X-Amz-Expires"]):
            return _xml(403, "AccessDenied", "Request has expired")
        bucket, key = request.parts[0], "/".join(request.parts[1:])
        stored = self.objects.get((bucket, key))
        if stored is None:
            return _xml(404, "NoSuchKey", "The specified key does not exist.")
        answer = bytes_answer(request, stored.content(), stored.content_type)
        answer.headers["Content-Disposition"] = stored.disposition
        return answer

    def _sign(self, path: str, params: dict[str, str]) -> str:
        message = f"{path}?{urlencode(sorted(params.items()))}"
        return hmac.new(self._secret.encode(), message.encode(), hashlib.sha256).hexdigest()


def _xml(status: int, code: str, message: str) -> Response:
    error = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n{error}'
    return Response(status=status, headers={"Content-Type": "application/xml"}, body=body.encode())
