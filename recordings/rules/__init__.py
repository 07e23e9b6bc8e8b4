"""Rules: orders without a click. What matches is taken up once; what may not be ordered is held."""

from recordings.rules.acting import (
    are_there,
    completed_at,
    consider,
    is_recorded,
    leave_out,
    listen,
    on_completion,
    release,
)
from recordings.rules.limits import Spent, spent
from recordings.rules.matching import Chosen
from recordings.rules.planning import KINDS, action_of, problems
from recordings.rules.trials import Trial, trial

__all__ = [
    "KINDS",
    "Chosen",
    "Spent",
    "Trial",
    "action_of",
    "are_there",
    "completed_at",
    "consider",
    "is_recorded",
    "leave_out",
    "listen",
    "on_completion",
    "problems",
    "release",
    "spent",
    "trial",
]
