"""The demo's providers: a process of simulators, reached by their control sides."""

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.conf import settings

# Providers' own waits are shortened so that a visitor sees things move.
SCALE = "0.5"


class Provider:
    """One simulator; its control side does what its people and calls would."""

    def __init__(self, slug: str, origin: str) -> None:
        self.slug = slug
        self.origin = origin

    def control(self, name: str, **arguments: Any) -> Any:
        """Call one control; raises ``OSError`` when the simulator is not there or refuses."""
        request = urllib.request.Request(  # noqa: S310 - our own loopback address
            f"{self.origin}/_control/{name}",
            data=json.dumps(arguments).encode(),
            headers={"Content-Type": "application/json"},
            method="POST",
        )
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            return json.loads(answer.read())


@contextmanager
def simulators() -> Iterator[list[Provider]]:
    """All simulators as one process that ends with the block, or with this process."""
    command = (
        *(sys.executable, "-m", "dashboard.leash", str(os.getpid())),
        *(sys.executable, "-m", "tests.simulators", "--scale", SCALE),
    )
    process = subprocess.Popen(  # noqa: S603
        command, cwd=settings.BASE_DIR, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        yield [Provider(slug, origin) for slug, origin in _origins(process).items()]
    finally:
        process.terminate()
        process.wait(timeout=10)


def _origins(process: "subprocess.Popen[str]") -> Mapping[str, str]:
    line = process.stdout.readline() if process.stdout else ""
    origins: Mapping[str, str] = json.loads(line or "{}")
    return origins
