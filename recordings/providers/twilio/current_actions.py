"""Orders about whichever recording runs on a call, for those that were not started here (contract 3.3)."""

from recordings.providers.orders import Action, Repeat, Subject
from recordings.providers.twilio.options import PAUSE_OPTIONS

STOP, PAUSE, RESUME = "recording.stop_current", "recording.pause_current", "recording.resume_current"
BUCKETS = ("api",)

CURRENT_ACTIONS = (
    Action(
        kind=STOP,
        subject=Subject.CALL,
        label="Stop a recording started elsewhere",
        # Repeated it may end a recording begun since; sent once only it might leave people recorded against
        # somebody's word, with no second order while the first is in doubt: the lesser harm.
        repeat=Repeat.REPEATABLE,
        right="control",
        lane=0,
        not_after_seconds=None,
        buckets=BUCKETS,
        help="For a recording that runs on this call and is not shown here.",
        goes="A stopped recording cannot go on: a new start makes another one.",
    ),
    Action(
        kind=PAUSE,
        subject=Subject.CALL,
        label="Pause a recording started elsewhere",
        repeat=Repeat.ONCE,
        right="control",
        lane=0,
        not_after_seconds=None,
        buckets=BUCKETS,
        options=PAUSE_OPTIONS,
        help="For a recording that runs on this call and is not shown here.",
    ),
    Action(
        kind=RESUME,
        subject=Subject.CALL,
        label="Resume a recording started elsewhere",
        repeat=Repeat.ONCE,
        right="control",
        not_after_seconds=90,
        buckets=BUCKETS,
        help="For a recording of this call that is paused and is not shown here.",
    ),
)
CURRENT_KINDS = frozenset(action.kind for action in CURRENT_ACTIONS)
