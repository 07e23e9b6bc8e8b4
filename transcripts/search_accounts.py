"""The accounts that a search looks into: those that a person may see, and of these the ones asked for."""

from collections.abc import Sequence
from functools import lru_cache
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db import connection

from recordings import connections
from recordings.models import Account
from transcripts.query import Filter, QueryError
from transcripts.tokens import tokens

User = AbstractBaseUser | AnonymousUser
NOBODYS = (0,)  # without any account nothing must be found: none has this id
_SOMEBODY = -1  # no user has this id


class _Somebody(AnonymousUser):
    """Stands for any user that is not disabled."""

    pk = _SOMEBODY  # type: ignore[assignment]
    is_active = True  # type: ignore[assignment]


def accounts_of(user: User, filters: Sequence[Filter]) -> tuple[int, ...]:
    """The ids of the accounts that are searched. Raises ``QueryError`` for one that nobody may see."""
    mine = [each for each in filters if each.name in _IS_ONE]
    if not mine:
        return usable_ids(user) or NOBODYS
    accounts = list(Account.objects.usable_by(user).only("key", "provider", "name"))
    for each in mine:
        if not any(_IS_ONE[each.name](account, each.value) for account in accounts):
            raise QueryError(f"No account that you may see is {_phrase(each)}.")
    return tuple(account.pk for account in accounts if _passes(account, mine)) or NOBODYS


def usable_ids(user: User) -> tuple[int, ...]:
    """The ids of ``usable_by``. Its statement is composed once: that takes ten times as long as to ask it."""
    if not user.is_active:
        return ()
    sql, parameters = _statement()
    with connection.cursor() as cursor:
        cursor.execute(sql, [user.pk if each == _SOMEBODY else each for each in parameters])
        return tuple(pk for (pk,) in cursor.fetchall())


@lru_cache(maxsize=1)
def _statement() -> tuple[str, tuple[int, ...]]:
    usable = Account.objects.usable_by(_Somebody()).order_by().values_list("pk", flat=True)
    sql, parameters = usable.query.sql_with_params()
    return sql, tuple(parameters)


def _passes(account: Account, filters: Sequence[Filter]) -> bool:
    """Of each name one of those that are wanted, and none of those that are not."""
    for name, is_one in _IS_ONE.items():
        wanted = [each.value for each in filters if each.name == name and not each.is_excluded]
        unwanted = [each.value for each in filters if each.name == name and each.is_excluded]
        if wanted and not any(is_one(account, value) for value in wanted):
            return False
        if any(is_one(account, value) for value in unwanted):
            return False
    return True


def _phrase(wanted: Filter) -> str:
    called = f"called “{wanted.value}”"
    return f"at a provider {called}" if wanted.name == "provider" else called


def _is_provider(account: Account, value: str) -> bool:
    try:
        label = connections.face(account.provider).label
    except KeyError:
        label = ""
    return value.casefold() in {account.provider.casefold(), label.casefold()}


def _is_account(account: Account, value: str) -> bool:
    if _key(value) == account.key:
        return True
    wanted = [token.text for token in tokens(value)]
    has = [token.text for token in tokens(account.name)]
    starts = range(len(has) - len(wanted) + 1)
    return bool(wanted) and any(has[start : start + len(wanted)] == wanted for start in starts)


_IS_ONE = {"provider": _is_provider, "account": _is_account}


def _key(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
