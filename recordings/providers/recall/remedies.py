"""Recall.ai's refusals with their remedies (contract 1.6, 4.4)."""

from recordings.providers.recall.end_remedies import ENDS
from recordings.providers.remedies import ANY, Owner, catalogue, entry, sign

OPERATOR, ADMINISTRATOR, PROVIDER, CALLER = Owner

_REFUSALS = (
    entry(
        "cannot_command_unstarted_bot",
        "The bot was not in the meeting: not yet, or not any more.",
        "Wait until Now shows the bot in the call. A bot that never got in has to be sent anew.",
        OPERATOR,
        retry=True,
    ),
    entry(
        "cannot_command_completed_bot",
        "The bot has left the meeting, or is leaving.",
        "Send a new bot to the same address, if the meeting still runs.",
        OPERATOR,
    ),
    entry(
        "update_bot_failed",
        "A bot that is on its way cannot be changed any more.",
        "Make it leave and send another with the new time or options; change bots 10 minutes ahead.",
        OPERATOR,
    ),
    entry(
        "teams_blacklisted_tenant",
        "This Microsoft Teams organisation lets no bots in.",
        "Ask the host to have their Teams administrator allow the bot, or to meet on another platform.",
        CALLER,
    ),
    entry(
        "cannot_delete_bot",
        "The bot was sent already, so it could not be cancelled.",
        "Use Leave on the bot instead of Cancel.",
        OPERATOR,
    ),
    entry(
        "400",
        "Recall.ai found a field of the request wrong.",
        "Correct the option that Recall.ai names below, then order again.",
        OPERATOR,
        retry=True,
    ),
    entry(
        "401",
        "Recall.ai does not know the API key in this region.",
        "Compare the account's region with the address of the dashboard where the key was made, or make a "
        "new key there, and press Test.",
        ADMINISTRATOR,
        retry=True,
    ),
    entry(
        "402",
        "The Recall.ai workspace has used up its credit.",
        "Add credit under Billing in Recall.ai's dashboard of this region.",
        ADMINISTRATOR,
        retry=True,
    ),
    entry(
        "403",
        "The API key may not do this in its workspace.",
        "Use a key of the workspace that owns the bot.",
        ADMINISTRATOR,
        retry=True,
    ),
    entry(
        "firewall",
        "Recall.ai's firewall stopped the request before it was read.",
        "Look for an address on localhost among the options, and have the address of this server checked.",
        ADMINISTRATOR,
        retry=True,
    ),
    entry(
        "404",
        "Recall.ai does not hold this any more, or never did.",
        "Check the retention it was recorded with: what has expired cannot be ordered about.",
        OPERATOR,
    ),
    entry(
        "no-api",
        "No Recall.ai answers at the account's base address.",
        "Correct region or base address of the account: https, the region's host, no path behind it.",
        ADMINISTRATOR,
        retry=True,
    ),
    entry(
        "405",
        "Recall.ai does not do this with a bot in that state.",
        "Open the call: its buttons tell what its present state allows.",
        OPERATOR,
    ),
    entry(
        "409",
        "The same order was still running at Recall.ai.",
        "Wait for the outcome of the first one; it is asked for by itself.",
        PROVIDER,
        retry=True,
    ),
    entry(
        "429",
        "The workspace has used up this minute's requests.",
        "Order again in a minute. Transcripts: at most five a minute of one bot.",
        OPERATOR,
        retry=True,
    ),
    entry(
        "507",
        "Recall.ai had no free bot.",
        "Send it again in two minutes, or schedule bots more than 10 minutes ahead: those are reserved.",
        PROVIDER,
        retry=True,
    ),
    entry(
        "5xx",
        "Recall.ai failed while it was answering.",
        "See whether it happened, then order again. Recall.ai's status page tells of outages by region.",
        PROVIDER,
        retry=True,
    ),
    entry(
        "transcript-limit",
        "The recording has all the transcripts that Recall.ai allows.",
        "Delete one of its ten completed transcripts, then order again; after 100 attempts none is possible.",
        OPERATOR,
        retry=True,
    ),
)
REMEDIES = catalogue(*_REFUSALS, *ENDS)

# Answers without a code: Tapedeck's own sentence tells the status.
SIGNS = (
    # The code of this refusal is not published (contract 4.4): our count and the words tell, whatever it is.
    sign("transcript-limit", r"of \d+ transcripts, \d+ of \d+ ever ordered", ANY),
    sign("transcript-limit", r"Recall\.ai says:.*\b(too many|limit|maximum)\b[^.]*\btranscripts?\b", ANY),
    sign("transcript-limit", r"Recall\.ai says:.*\btranscripts?\b[^.]*\b(limit|maximum)\b", ANY),
    sign("401", r"does not accept the API key"),
    sign("402", r"used up its credit"),
    sign("403", r"does not allow this to the account"),
    sign("firewall", r"Recall\.ai's firewall blocked"),
    sign("404", r"does not know this any more"),
    sign("no-api", r"No Recall\.ai API answers"),
    sign("405", r"Recall\.ai does not allow this here"),
    sign("409", r"still working on this very order"),
    sign("429", r"Too many requests to Recall\.ai"),
    sign("507", r"Recall\.ai has no free bot"),
    sign("5xx", r"failed with status 5\d\d"),
    sign("400", r"refused the request as it was"),
)
