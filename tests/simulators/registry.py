"""The simulators there are: one line each."""

from importlib import import_module

from tests.simulators.base import Simulator

SIMULATORS = {
    "recall": "tests.simulators.recall:RecallSimulator",
    "twilio": "tests.simulators.twilio:TwilioSimulator",
    "daily": "tests.simulators.daily:DailySimulator",
    "vobiz": "tests.simulators.vobiz:VobizSimulator",
}


def simulator_class(slug: str) -> type[Simulator]:
    """The class behind a slug; raises ``KeyError`` for an unknown one."""
    module, _, name = SIMULATORS[slug].partition(":")
    found: type[Simulator] = getattr(import_module(module), name)
    return found
