"""Faults that a test or the demo injects into a simulator's answers."""

from dataclasses import dataclass, field
from typing import Literal

from tests.simulators.http import Request, Response, html_answer

Kind = Literal[
    "refuse",  # this answer, nothing is done
    "after",  # done first, then this answer all the same
    "drop",  # nothing is done, the connection closes without an answer
    "drop_after",  # done, then the connection closes without an answer
    "cut",  # done, the connection closes in the middle of the answer's body
    "slow",  # done, answered ``seconds`` late
    "html",  # nothing is done, a page of HTML with ``status``
]


@dataclass(kw_only=True)
class Fault:
    """Applies to the next ``times`` requests that match; empty conditions match everything."""

    kind: Kind
    method: str = ""
    path_contains: str = ""
    times: int = 1
    skip: int = 0  # so many matching requests pass first
    status: int = 500
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""
    seconds: float = 0.0

    def matches(self, request: Request) -> bool:
        if self.times <= 0:
            return False
        if self.method and self.method != request.method:
            return False
        return self.path_contains in f"{request.path}?{request.query}"

    @property
    def acts_first(self) -> bool:
        """Whether the provider performs the request before things go wrong."""
        return self.kind in {"after", "drop_after", "cut", "slow"}

    def spoil(self, answer: Response) -> Response:
        """What leaves the provider instead of ``answer``."""
        match self.kind:
            case "refuse" | "after":
                return Response(status=self.status, headers=self.headers, body=self.body.encode())
            case "html":
                return html_answer(self.status, self.body or "Something went wrong")
            case "drop" | "drop_after":
                answer.is_dropped = True
            case "cut":
                answer.cut_after = len(answer.body) // 2
            case "slow":
                answer.delay_seconds = self.seconds
        return answer


class Faults:
    """The faults in waiting, first come first served."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []

    def add(self, fault: Fault) -> None:
        self._waiting.append(fault)

    def clear(self) -> None:
        self._waiting.clear()

    def take(self, request: Request) -> Fault | None:
        for fault in self._waiting:
            if not fault.matches(request):
                continue
            if fault.skip > 0:
                fault.skip -= 1
                continue
            fault.times -= 1
            return fault
        return None
