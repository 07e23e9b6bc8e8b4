"""What Tapedeck's own codes mean, and the words of what went wrong on the way to a provider."""

from recordings import connections
from recordings.models import Operation
from recordings.providers.remedies import Owner, Remedy, catalogue, entry, find, sign

OPERATOR, ADMINISTRATOR, PROVIDER, CALLER = Owner

REMEDIES = catalogue(
    entry(
        "absent",
        "The order left, and two complete looks showed that it did not happen.",
        "Order it again if it is still wanted: nothing was done and nothing was sent twice.",
        OPERATOR,
        retry=True,
    ),
    entry(
        "expired",
        "The order could not be sent in time, so it was not sent at all.",
        "See on the account's page whether the provider was out of reach; then order it again.",
        OPERATOR,
        retry=True,
    ),
    entry(
        "quarantined",
        "The order ended its worker several times and was put aside.",
        "Send the order's page and the worker's log to whoever maintains Tapedeck before trying again.",
        ADMINISTRATOR,
    ),
    entry(
        "credentials_unreadable",
        "The account's stored credentials cannot be decrypted with the present keys.",
        "Put the old key back into TAPEDECK_KEYS, after the new one, or enter the credentials again.",
        ADMINISTRATOR,
        retry=True,
    ),
    entry(
        "not_ordered",
        "An automatic order was not placed, because the account's settings do not allow it.",
        "Correct the account's automatic transcript options in the administration, then order this one.",
        ADMINISTRATOR,
        retry=True,
    ),
    entry(
        "rescue_failed",
        "The media could not be copied here.",
        "Read what the provider answered. Where its file is gone, nothing brings it back; else rescue again.",
        OPERATOR,
        retry=True,
    ),
    entry(
        "decided",
        "A person decided that it did not happen.",
        "Order it again if it is still wanted; the order's timeline says who decided.",
        OPERATOR,
        retry=True,
    ),
    entry(
        "unreachable",
        "No connection to the provider came about: nothing was sent.",
        "Check this server's network, name service and proxy; other accounts show whether all are cut off.",
        ADMINISTRATOR,
        retry=True,
    ),
    entry(
        "unanswered",
        "The provider gave no answer in time.",
        "Wait for the look that follows by itself, then see what the provider shows.",
        PROVIDER,
        retry=True,
    ),
    entry(
        "foreign-address",
        "The order would have sent the account's credentials to a host that is not its own.",
        "Correct the base address of the account in the administration.",
        ADMINISTRATOR,
        retry=True,
    ),
    entry(
        "in-doubt",
        "The order left, and nothing tells yet whether it happened. It is never sent again by itself.",
        "Open it: Tapedeck looks for evidence for a day. If you know better, say whether it happened.",
        OPERATOR,
    ),
)
_SIGNS = (
    sign("unreachable", r"The provider could not be reached"),
    sign("unanswered", r"The provider did not answer"),
    sign("foreign-address", r"is not an address of this account"),
)


def remedy_of(provider: str, code: str, text: str, *, state: str = "") -> Remedy | None:
    """The entry for what went wrong, ours or the provider's; None where nobody has written one."""
    try:
        face = connections.face(provider)
    except KeyError:
        return find(REMEDIES, _SIGNS, code, text)
    found = find(REMEDIES, _SIGNS, code, text) or face.remedy_for(code, text)
    return found or (REMEDIES["in-doubt"] if state == Operation.State.IN_DOUBT else None)


def normal_ends() -> list[str]:
    """Codes of calls that ended as calls do."""
    faces = connections.faces().values()
    return [code for face in faces for code, each in face.remedies.items() if each.is_normal]
