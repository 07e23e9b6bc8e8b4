"""Recall.ai's bots, each the call that it sits in (contract, section 2)."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from recordings.providers.errors import Refused
from recordings.providers.recall.api import Api
from recordings.providers.recall.reading import (
    identity,
    inner,
    mapping,
    moment,
    our_key,
    sequence,
    text,
    without_links,
)
from recordings.providers.recall.recordings import recording_snapshot
from recordings.providers.recall.words import CALL_STATES, IN_CALL, LIVE_STATUSES, PLATFORMS, reason_of
from recordings.providers.snapshots import CallSnapshot, CallState, Page

CANCELLED = "Recall.ai does not know this bot any more: it was cancelled before it joined."
BOT_NAME = "Name of the bot"
_LATE = timedelta(hours=1)  # a scheduled bot may be that much behind its time and still be listed
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def call_snapshot(payload: Any) -> CallSnapshot:
    """One bot with the recordings that its answer carries."""
    bot = mapping(payload)
    bot_id = identity(bot, "bot")
    changes = _in_order(bot)
    last = changes[-1] if changes else {}
    state = _state(bot, text(last.get("code")))
    sub_code = text(last.get("sub_code"))
    meeting = inner(bot, "meeting_url")
    recordings = [
        recording_snapshot(each, call_id=bot_id, has_ended=state is CallState.ENDED)
        for each in sequence(bot.get("recordings"))
    ]
    return CallSnapshot(
        external_id=bot_id,
        key=our_key(bot),
        state=state,
        provider_status=text(last.get("code")),
        status_at=moment(last.get("created_at")),
        title=_title(bot, meeting),
        details=_details(bot, meeting),
        flags={"platform": text(meeting.get("platform"))} if meeting else {},
        starts_at=moment(bot.get("join_at")),
        started_at=_first_at(changes, IN_CALL),
        ended_at=_first_at(changes, frozenset({"call_ended", "done", "fatal"})),
        reason=reason_of(sub_code, text(last.get("message"))),
        reason_code=sub_code,
        recordings=tuple(recordings),
        raw=without_links(bot),
    )


def gone_call(external_id: str, *, key: str = "") -> CallSnapshot:
    """Only a scheduled bot can be deleted (section 2.1), so a bot that is not there never joined."""
    return CallSnapshot(external_id=external_id, key=key, state=CallState.ENDED, reason=CANCELLED)


def list_live(api: Api, cursor: str) -> Page:
    """Bots by status, then bots with a time to join: section 1.4 does not say whether scheduled ones
    have a status to be found by, nor whether bots without a time fall into a window of times."""
    place = _place(cursor)
    data = api.page("bot", params=place["params"], following=place["next"])
    items = tuple(call_snapshot(bot) for bot in sequence(data.get("results")))
    following = text(data.get("next"))
    if following:
        return Page(items=items, next_cursor=json.dumps({**place, "next": following}))
    if place["list"] == "live":
        return Page(items=items, next_cursor=json.dumps(_scheduled()))
    return Page(items=items)


def _place(cursor: str) -> dict[str, Any]:
    if not cursor:
        return {"list": "live", "params": [("status", each) for each in LIVE_STATUSES], "next": ""}
    try:
        place = json.loads(cursor)
        return {name: place[name] for name in ("list", "params", "next")}
    except (ValueError, TypeError, KeyError) as exc:
        raise Refused("This page mark is not one of ours: begin the list anew.") from exc


def _scheduled() -> dict[str, Any]:
    after = (datetime.now(UTC) - _LATE).isoformat()
    return {"list": "scheduled", "params": [("join_at_after", after)], "next": ""}


def _in_order(bot: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    # By their time, not by their place in the list (section 2.3).
    changes = [change for change in sequence(bot.get("status_changes")) if isinstance(change, dict)]
    return sorted(changes, key=lambda change: moment(change.get("created_at")) or _EPOCH)


def _state(bot: Mapping[str, Any], code: str) -> CallState | None:
    if code in {"", "ready"}:
        return CallState.SCHEDULED if moment(bot.get("join_at")) else CallState.WAITING
    return CALL_STATES.get(code)


def _first_at(changes: list[Mapping[str, Any]], codes: frozenset[str]) -> datetime | None:
    found = (moment(change.get("created_at")) for change in changes if text(change.get("code")) in codes)
    return next(found, None)


def _title(bot: Mapping[str, Any], meeting: Mapping[str, Any]) -> str:
    for recording in reversed(sequence(bot.get("recordings"))):
        # What meeting_metadata holds is not in the contract; a title in it is used when there.
        title = text(inner(recording, "media_shortcuts", "meeting_metadata", "data").get("title"))
        if title:
            return title
    # Many integrations label their bots with a title.
    labelled = text(inner(bot, "metadata").get("title"))
    if labelled:
        return labelled
    platform = text(meeting.get("platform"))
    return f"{PLATFORMS.get(platform, platform)} {text(meeting.get('meeting_id'))}".strip()


def _details(bot: Mapping[str, Any], meeting: Mapping[str, Any]) -> dict[str, str]:
    platform = text(meeting.get("platform"))
    lines = {
        "Platform": PLATFORMS.get(platform, platform),
        "Meeting": text(meeting.get("meeting_id")),
        BOT_NAME: text(bot.get("bot_name")),
    }
    return {label: line for label, line in lines.items() if line}
