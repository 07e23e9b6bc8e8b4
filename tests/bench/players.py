"""Paused players beside callbacks: with 20 of them, 300 callbacks/s still get 200 within a second.

The whole product as processes, with its own settings; run as a program, this module is the harness beside it.
"""

import json
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.bench.figures import Figure, Size, measures
from tests.faults.real.environment import ROOT, environment
from tests.faults.real.postgres import Database

PLAYERS, RATE, SECONDS = 20, 300.0, 10.0
LIMIT_SECONDS = 1.0
MEDIA_BYTES = 8 * 1024 * 1024
RECEIVES_BYTES = 8 * 1024  # a player that has stopped reading takes in little more


@measures("PP")
def paused_players(size: Size) -> Iterator[Figure]:
    """Callbacks at an open loop, alone and beside players who have stopped reading."""
    for players in (0, PLAYERS):
        told = _measured(players, 2.0 if size.is_quick else SECONDS)
        yield Figure(
            number="PP",
            what=f"callbacks beside {players} paused players: worst, in s",
            ratio=told["worst"],
            here=f"median {told['median'] * 1000:.1f} ms, p99 {told['p99'] * 1000:.0f} ms",
            peer=f"{told['made']} made, {told['errors']} not 200, {told['paused']} players held, "
            f"the machine {told['slowness']:.1f} times as slow as alone",
            must=LIMIT_SECONDS if not told["errors"] else 0.0,
            goal=LIMIT_SECONDS / 2,
            is_more_better=False,
        )


def _measured(players: int, seconds: float) -> dict[str, Any]:
    folder = Path(tempfile.mkdtemp(prefix="tapedeck-players-"))
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TAPEDECK_")}
    told = environment(folder, has_own_clocks=True)
    try:
        with Database(os.environ.get("DATABASE_URL", "")) as url:
            words = [sys.executable, "-m", "tests.bench.players", str(folder), str(players), str(seconds)]
            env = {**kept, **told, "DATABASE_URL": url}
            done = subprocess.run(words, cwd=ROOT, env=env, check=True, capture_output=True, text=True)
        found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return found
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main() -> None:
    """Beside the product: prints what was seen, as a line of JSON."""
    import django

    django.setup()
    from tests.faults.real.processes import Product
    from tests.faults.real.stage import Stage

    folder, players, seconds = Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    product = Product(folder, int(os.environ["TAPEDECK_BIND"].rpartition(":")[2]))
    stage = Stage(product, random.Random(1), folder, is_short=True)
    try:
        print(json.dumps(_watch(stage, players, seconds)))
    finally:
        stage.end()


def _watch(stage: Any, players: int, seconds: float) -> dict[str, Any]:
    from tests.faults.real.load import Load

    stage.open("recall")
    recall = stage.providers["recall"]
    recall.place_calls(5)
    paused = _pause(stage, players)
    load = Load(recall, stage.rng, rate=RATE, doubled=0.0)
    first = len(recall.answered)
    load.start()
    time.sleep(seconds)
    slowness = stage.slowness()
    load.stop()
    stage.wait(load.is_taken, 60)
    load.end()
    told = recall.answered[first:]
    took = sorted(load.waits)
    held = sum(_is_held(player) for player in paused)
    for player in paused:
        player.close()
    return {
        "made": load.made,
        "errors": sum(each.status != 200 for each in told),
        "worst": round(took[-1], 3),
        "median": took[len(took) // 2],
        "p99": took[int(len(took) * 0.99)],
        "paused": held,
        "slowness": slowness,
    }


def _pause(stage: Any, players: int) -> list[socket.socket]:
    """Players that asked for a range and have read no more than how the answer begins."""
    address, cookie = _recording_of(stage)
    found: list[socket.socket] = []
    while len(found) < players:
        player = socket.socket()
        player.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVES_BYTES)
        player.settimeout(20)
        player.connect(("127.0.0.1", stage.product.port))
        head = f"GET {address} HTTP/1.1\r\nHost: 127.0.0.1:{stage.product.port}\r\nCookie: {cookie}\r\n"
        player.sendall(f"{head}Range: bytes=0-\r\n\r\n".encode())
        if b" 206 " in player.recv(16, socket.MSG_PEEK) + b" ":
            found.append(player)
            continue
        player.close()
        time.sleep(0.1)
    return found


def _recording_of(stage: Any) -> tuple[str, str]:
    """The address of a recording with sound, and the cookie of somebody who may play it."""
    from django.contrib.auth.models import Permission
    from django.test import Client

    from recordings.models import Recording
    from tests.faults.real.providers import hurry

    recall = stage.providers["recall"]
    recall.simulator.storage._sound = lambda *_: bytes(MEDIA_BYTES)
    recall.simulator.fill(1)
    done = Recording.objects.filter(account=recall.account, status="completed")

    def is_there() -> bool:
        """a recording can be played"""
        hurry(recall.account, "sweep.full")
        return done.exists()

    stage.wait(is_there, 60)
    stage.user.user_permissions.add(*Permission.objects.filter(codename="view_recording"))
    client = Client()
    client.force_login(stage.user)
    return f"/recordings/{done[0].key}/media/", f"sessionid={client.cookies['sessionid'].value}"


def _is_held(player: socket.socket) -> bool:
    """Whether the server still has something for it that it does not take."""
    try:
        return len(player.recv(1024, socket.MSG_PEEK)) > 0
    except OSError:
        return False


if __name__ == "__main__":
    main()
