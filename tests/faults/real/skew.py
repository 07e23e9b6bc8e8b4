"""The clock of every process of a run, this one too, moved by the shim."""

import struct
from pathlib import Path

from tests.faults.real.stage import Stage


def jump(stage: Stage, seconds: float, *, providers: bool) -> None:
    """Set our clock on or back, the providers' only if they are taken along."""
    path = Path(stage.folder / "skew")
    (before,) = struct.unpack("d", path.read_bytes())
    if not providers:
        for provider in stage.each():
            provider.simulator.clock._offset -= seconds
    with path.open("r+b") as file:  # The same page that every process has mapped.
        file.write(struct.pack("d", before + seconds))
