"""Run the simulators as one process: a line of JSON with their origins, then silence until it is ended."""

import argparse
import json
import signal
import sys
import threading

from tests.simulators.registry import SIMULATORS, simulator_class
from tests.simulators.server import serve


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("slugs", nargs="*", default=list(SIMULATORS), help="which providers; all by default")
    parser.add_argument("--scale", type=float, default=1.0, help="multiplies the providers' own waits")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    origins = {}
    for slug in options.slugs:
        simulator = simulator_class(slug)(seed=options.seed, scale=options.scale)
        _, origins[slug] = serve(simulator)
    print(json.dumps(origins), flush=True)
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    signal.signal(signal.SIGINT, lambda *_: ended.set())
    ended.wait()
    sys.exit(0)


if __name__ == "__main__":
    main()
