"""Which faults a case brings, and how often: the twelve of the design, and all of them together."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Case:
    """Probabilities are per statement (a query), per exchange (with a provider), per callback or per step."""

    name: str
    about: str
    web_dies: float = 0.0  # per statement of the web process
    worker_dies: float = 0.0  # per statement of a worker
    worker_dies_in_call: float = 0.0  # per exchange, before it leaves or after it was answered
    freezes: float = 0.0  # per statement outside a transaction
    freezes_in_call: float = 0.0  # per exchange
    database_fails: float = 0.0  # per statement
    loses_power: float = 0.0  # per step: every process dies at once
    faults: float = 0.0  # per step: a provider's next answers go wrong
    outages: float = 0.0  # per step: a provider is out of reach for a while
    bad_credentials: float = 0.0  # per step
    repeats_pages: float = 0.0  # per step: a listing goes in circles
    jumps: float = 0.0  # per step: our clock is an hour off
    duplicates: int = 0  # so many more of each callback
    drops: float = 0.0  # of callbacks never sent
    late_seconds: float = 0.0  # callbacks come as much as this late, in any order
    loses_answers: float = 0.0  # of callbacks: taken in, but the provider never hears so
    loses_requests: float = 0.0  # of callbacks: the provider sends, nothing arrives
    idle: float = 0.0  # per step: nobody looks for minutes
    poison: float = 0.0  # of items: each attempt at them kills the worker
    silent_hours: float = 0.0  # no callback at all, and nobody looks, for so long
    steps: int = 52


_ALL = Case(
    name="all",
    about="a little of everything at once",
    web_dies=0.002,
    worker_dies=0.0008,
    worker_dies_in_call=0.01,
    freezes=0.0008,
    freezes_in_call=0.02,
    database_fails=0.0008,
    loses_power=0.004,
    faults=0.1,
    outages=0.01,
    bad_credentials=0.005,
    repeats_pages=0.01,
    jumps=0.01,
    duplicates=7,
    drops=0.1,
    late_seconds=600.0,
    loses_answers=0.03,
    loses_requests=0.03,
    idle=0.02,
)

CASES: dict[str, Case] = {
    case.name: case
    for case in (
        Case(
            name="F1",
            about="the web server is killed while callbacks come with retries and duplicates",
            web_dies=0.15,
            loses_answers=0.1,
            duplicates=10,
        ),
        Case(
            name="F2",
            about="callbacks many times over, reordered, up to 24 hours late",
            duplicates=10,
            late_seconds=86_400.0,
            loses_answers=0.1,
            loses_requests=0.05,
        ),
        Case(
            name="F3",
            about="workers are killed at any step of an order",
            worker_dies=0.003,
            worker_dies_in_call=0.05,
            duplicates=4,
            drops=0.3,
        ),
        Case(name="F4", about="wake-ups are lost and nobody looks for minutes", idle=0.25, duplicates=7),
        Case(
            name="F5",
            about="items that kill their worker each time",
            poison=0.08,
            worker_dies=0.001,
            duplicates=4,
        ),
        Case(
            name="F6",
            about="old workers go on beside a second cluster",
            freezes=0.006,
            freezes_in_call=0.04,
            worker_dies=0.001,
            duplicates=4,
        ),
        Case(
            name="F7",
            about="workers are frozen past their lease, then thawed",
            freezes=0.004,
            freezes_in_call=0.06,
            duplicates=4,
            drops=0.2,
        ),
        Case(
            name="F8",
            about="providers drop, cut, stall, refuse, throttle and speak HTML",
            faults=0.45,
            outages=0.02,
            bad_credentials=0.03,
            repeats_pages=0.04,
            duplicates=4,
        ),
        Case(
            name="F9",
            about="no callbacks for 30 hours",
            drops=0.7,
            silent_hours=30.0,
            steps=40,
        ),
        Case(
            name="F10",
            about="the database refuses statements: disk full, locked",
            database_fails=0.02,
            duplicates=4,
            loses_requests=0.05,
        ),
        Case(
            name="F11",
            about="every process dies at once and only what was committed is left",
            loses_power=0.06,
            worker_dies_in_call=0.05,
            worker_dies=0.002,
            web_dies=0.02,
            duplicates=4,
        ),
        Case(
            name="F12",
            about="our clock jumps by an hour, providers fall silent, the database goes away",
            jumps=0.08,
            outages=0.06,
            database_fails=0.004,
            duplicates=4,
            drops=0.1,
        ),
        _ALL,
        Case(name="none", about="no fault: what the harness finds here is no fault's doing"),
    )
}


def case_of(seed: int, name: str = "") -> Case:
    """The case of a seed: the one named, else each in turn and every second time all at once."""
    if name:
        return CASES[name]
    numbered = [case for case in CASES.values() if case.name[0] == "F"]
    return _ALL if seed % 2 else numbered[seed // 2 % len(numbered)]
