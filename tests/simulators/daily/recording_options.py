"""What POST /rooms/:name/recordings/start accepts (contract 2.3)."""

import re
from typing import Any

from tests.simulators.daily.answers import (
    checked,
    even,
    invalid,
    is_object,
    is_text,
    is_uuid,
    one_of,
    positive,
    whole,
)
from tests.simulators.daily.state import DEFAULT_INSTANCE

COLOR = re.compile(r"#([0-9a-fA-F]{6}|[0-9a-fA-F]{8})")


def is_instance(value: Any) -> bool:
    """A UUID of the caller's; the default one is reserved. Whether Daily refuses it is not documented."""
    return is_uuid(value) and value.lower() != DEFAULT_INSTANCE


OPTIONS = {
    # "local" is recorded by a browser and cannot be started from a server.
    "type": one_of("cloud", "cloud-audio-only", "raw-tracks"),
    "instanceId": is_instance,
    "width": even,
    "height": even,
    "fps": positive,
    "videoBitrate": whole(10, 10000),
    "audioBitrate": whole(10, 320),
    "backgroundColor": lambda value: isinstance(value, str) and COLOR.fullmatch(value) is not None,
    "minIdleTimeOut": whole(1),
    "maxDuration": whole(1),
    "layout": is_object,
    "dataOutputs": lambda value: isinstance(value, list),
}
STOP = {"instanceId": is_instance, "type": one_of("cloud", "cloud-audio-only", "raw-tracks")}

CAMERAS = {"max_cam_streams": whole(1, 20)}
LAYOUTS: dict[str, dict[str, Any]] = {
    "default": CAMERAS,
    "audio-only": {},
    "single-participant": {"session_id": is_text},
    "active-participant": {},
    "portrait": {"variant": one_of("vertical", "inset"), **CAMERAS},
    "raw-tracks-audio-only": {},
    "custom": {"composition_id": is_text, "composition_params": is_object, "session_assets": is_object},
}


def check_layout(options: dict[str, Any]) -> None:
    layout = options.get("layout")
    if layout is None:
        return
    preset = layout.get("preset")
    if not isinstance(preset, str) or preset not in LAYOUTS:
        raise invalid("invalid value for parameter 'layout.preset'")
    if preset == "raw-tracks-audio-only" and options.get("type") != "raw-tracks":
        raise invalid("layout preset raw-tracks-audio-only needs type raw-tracks")
    required = ("session_id",) if preset == "single-participant" else ()
    checked(layout, {"preset": is_text, **LAYOUTS[preset]}, required=required, within="layout.")
