"""Sessions in the database, read by a statement that is composed once: every page reads one."""

from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseSessionStore
from django.contrib.sessions.models import Session
from django.utils import timezone

from recordings.composed import Composed


class SessionStore(DatabaseSessionStore):
    """Django's own; it only finds its row otherwise."""

    def _get_session_from_db(self) -> Session | None:
        found = _sessions.instances(self.session_key)
        if found and found[0].expire_date > timezone.now():
            return found[0]
        self._session_key = None
        return None


def _with_key(key: str) -> Any:
    return Session.objects.filter(pk=key)


_sessions: Composed[Session] = Composed(_with_key, holes=("-",))
