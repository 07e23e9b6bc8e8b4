"""The mirror of what the providers hold, and the work that is done at them."""

from recordings.models.accounts import Account
from recordings.models.batches import Batch, BatchItem
from recordings.models.deliveries import DeliveryMention, Refusal, WebhookDelivery
from recordings.models.errands import Bucket, Errand
from recordings.models.ledger import LedgerDay, LedgerEntry
from recordings.models.mirror import Call, Recording
from recordings.models.presets import Preset
from recordings.models.rates import Rate
from recordings.models.readings import Heartbeat, ReadRecord
from recordings.models.rescues import Rescue
from recordings.models.rules import Rule, RuleMatch
from recordings.models.work import Operation, OperationStep, OrderForm, WorkItem

__all__ = [
    "Account",
    "Batch",
    "BatchItem",
    "Bucket",
    "Call",
    "DeliveryMention",
    "Errand",
    "Heartbeat",
    "LedgerDay",
    "LedgerEntry",
    "Operation",
    "OperationStep",
    "OrderForm",
    "Preset",
    "Rate",
    "ReadRecord",
    "Recording",
    "Refusal",
    "Rescue",
    "Rule",
    "RuleMatch",
    "WebhookDelivery",
    "WorkItem",
]
