"""What the demo's settings read: set before Django is, so it lives apart from all that needs Django."""

import os
from pathlib import Path


def prepare_environment(base: Path) -> None:
    """Set what the settings read, before they are imported."""
    port = os.environ.get("TAPEDECK_BIND", "127.0.0.1:8000").rpartition(":")[2]
    # Not TAPEDECK_DATA: the demo empties its folder, and that one may hold what people really said.
    os.environ["TAPEDECK_DATA"] = os.environ.get("TAPEDECK_DEMO_DATA", str(base / "var" / "demo"))
    os.environ["TAPEDECK_DEMO"] = "1"
    os.environ["TAPEDECK_BIND"] = f"127.0.0.1:{port}"
    os.environ["PUBLIC_URL"] = f"http://127.0.0.1:{port}"
    os.environ["TAPEDECK_LOOPBACK_HOSTS"] = "127.0.0.1"
    os.environ.pop("DATABASE_URL", None)
    os.environ.pop("TAPEDECK_KEYS", None)
