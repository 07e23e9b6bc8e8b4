"""Which things of ours a callback spoke of, each with its page."""

from dataclasses import dataclass

from dashboard.subjects import MODELS, page_of
from recordings.models import WebhookDelivery
from recordings.providers.orders import Subject

NAMED = (Subject.RECORDING, Subject.TRANSCRIPT, Subject.CALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """One id in a callback, and what has it here."""

    external_id: str
    noun: str = ""
    name: str = ""
    url: str = ""


def mentions(delivery: WebhookDelivery) -> list[Mention]:
    """What a callback spoke of; ids that nothing here has are listed as they are."""
    ids = list(delivery.mentions.order_by("pk").values_list("external_id", flat=True))
    found: dict[str, Mention] = {}
    for subject in NAMED:
        rows = MODELS[subject].objects.filter(account=delivery.account_id, external_id__in=ids)
        for row in rows.exclude(external_id="").defer("raw"):
            found[row.external_id] = Mention(
                external_id=row.external_id, noun=subject.value, name=str(row), url=page_of(row)
            )
    return [found.get(each, Mention(external_id=each)) for each in ids]
