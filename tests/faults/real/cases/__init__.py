"""F1 to F12, each a function that is given a stage."""

from collections.abc import Callable

from tests.faults.real.cases import intake, orders, power_cut, silence, troubles, workers
from tests.faults.real.stage import Stage

CASES: dict[str, Callable[[Stage], None]] = {
    "F1": intake.f1,
    "F2": intake.f2,
    "F3": orders.f3,
    "F4": workers.f4,
    "F5": workers.f5,
    "F6": orders.f6,
    "F7": orders.f7,
    "F8": troubles.f8,
    "F9": silence.f9,
    "F10": intake.f10,
    "F11": power_cut.f11,
    "F12": silence.f12,
}
