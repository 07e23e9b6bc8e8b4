"""Runs a supervisor over the programs named in its argument; the tests' subject as a process."""

import json
import logging
import os
import sys
from pathlib import Path

from dashboard.supervisor import Chore, Program, Supervisor


def main():
    logging.basicConfig(level=logging.INFO, stream=sys.stdout, format="%(message)s")
    plan = json.loads(sys.argv[1])
    programs = [
        Program(name=name, command=[sys.executable, "-c", code], env={"FOLDER": plan["folder"]})
        for name, code in plan["programs"].items()
    ]
    wedge = Path(plan["folder"]) / "wedged"

    def look():
        if wedge.exists():
            name = wedge.read_text()
            wedge.unlink()
            supervisor.restart(name)

    def fail():
        raise LookupError("the chore's own trouble")

    chores = (
        Chore(name="failing", every_seconds=0.05, run=fail),
        Chore(name="watch", every_seconds=0.05, run=look),
    )
    ended = Path(plan["folder"]) / "ended"
    grace = plan["grace_seconds"]
    supervisor = Supervisor(programs, chores=chores, grace_seconds=grace, on_end=ended.touch)
    print("supervisor", os.getpid(), flush=True)
    sys.exit(supervisor.run())


if __name__ == "__main__":
    main()
