"""What the product, and the harness beside it, are told: short clocks, a folder, a port, the shim."""

import socket
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
CLOCKS = {
    "TAPEDECK_CALL_SECONDS": "4",
    "TAPEDECK_LEASE_SECONDS": "7",
    "TAPEDECK_TIMEOUT_SECONDS": "30",
    "TAPEDECK_RETRY_SECONDS": "40",
    "TAPEDECK_LOOK_SECONDS": "4",
    "TAPEDECK_PICKUP_SECONDS": "0.5",
    "TAPEDECK_STALE_SECONDS": "25",
    "TAPEDECK_GRACE_SECONDS": "20",
}
SHORT = {
    "TAPEDECK_CALL_SECONDS": "3",
    "TAPEDECK_LEASE_SECONDS": "4",
    "TAPEDECK_STALE_SECONDS": "10",
}


def environment(
    folder: Path, *, has_own_clocks: bool = False, is_short: bool = False, synchronous: str = "FULL"
) -> dict[str, str]:
    """Added to what the shell says; ``folder`` is of one run alone."""
    port = free_port()
    return {
        **({} if has_own_clocks else CLOCKS),
        **(SHORT if is_short else {}),
        "DJANGO_SETTINGS_MODULE": "tests.faults.real.settings",
        "PYTHONPATH": str(ROOT),
        "TAPEDECK_DATA": str(folder / "data"),
        "TAPEDECK_BIND": f"127.0.0.1:{port}",
        "TAPEDECK_LOG_LEVEL": "WARNING",
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "TAPEDECK_DEMO": "1",  # loopback addresses may be called back
        "TAPEDECK_LOOPBACK_HOSTS": "127.0.0.1",
        "FAULTS_STRIKES": str(folder / "strikes"),
        "FAULTS_SYNCHRONOUS": synchronous,
    }


def shimmed(shim: Path, folder: Path) -> dict[str, str]:
    """Puts the shim between the processes of one run and their data folder, disk and clock."""
    return {
        "LD_PRELOAD": str(shim),
        "SHIM_FOLDER": str(folder / "data"),
        "SHIM_LOG": str(folder / "disk.log"),
        "SHIM_FULL": str(folder / "full"),
        "SHIM_CLOCK": str(folder / "skew"),
    }


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
