"""The webhook doctor: what an account's callbacks look like beside what they should."""

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Sum
from django.template.defaultfilters import pluralize
from django.utils import timezone

from dashboard.ages import age_text
from dashboard.silences import Gap, gaps, rhythm
from recordings.models import Account, Refusal, WebhookDelivery

SPAN = timedelta(days=7)
SKEW_SECONDS = 60.0  # a clock that is off by more will sooner or later be refused
MOST = 10_000
TOO_FEW_PASS = 0.99
SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at: ``tone`` is good, warn, bad, or info where nothing can be said."""

    title: str
    tone: str
    text: str
    advice: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """All that was found, and the gaps that a sweep has to cover."""

    findings: list[Finding]
    gaps: list[Gap]

    @property
    def is_open(self) -> bool:
        """Whether some gap was not covered by a complete sweep yet."""
        return any(gap.swept_at is None for gap in self.gaps)


def diagnosis(account: Account, found_gaps: list[Gap] | None = None) -> Diagnosis:
    """Look at everything; cheap enough to be asked with each page."""
    open_gaps = gaps(account) if found_gaps is None else found_gaps
    if not account.has_callbacks:
        return Diagnosis(findings=[_no_address()], gaps=[])
    refusals = list(Refusal.objects.filter(account=account, day__gte=(timezone.now() - SPAN).date()))
    newest = WebhookDelivery.objects.filter(account=account).defer("body").order_by("-received_at", "-pk")
    last = newest.first()
    findings = [
        _rhythm(account, last, open_gaps),
        _signatures(account, refusals),
        _clock(refusals),
        _address(account, last, refusals),
        _endpoint(account),
    ]
    return Diagnosis(findings=findings, gaps=open_gaps)


def _no_address() -> Finding:
    return Finding(
        title="Address",
        tone="warn",
        text="No public https address is set: no provider can call back, states come by looks alone.",
        advice="An administrator sets PUBLIC_URL.",
    )


def _rhythm(account: Account, last: WebhookDelivery | None, found: list[Gap]) -> Finding:
    usually = _usually(rhythm(account))
    silent = next((gap for gap in found if gap.ended_at is None), None)
    advice = "Compare the address below with the provider's settings; a sweep brings in what was missed."
    if last is None:
        tone, text = (
            ("bad", "None ever came, though recordings ran.") if silent else ("info", "None ever came.")
        )
        return Finding(title="Callbacks", tone=tone, text=text, advice=advice if silent else "")
    text = f"The last one came {age_text((timezone.now() - last.received_at).total_seconds())}.{usually}"
    if silent is None:
        return Finding(title="Callbacks", tone="good", text=text)
    missed = f" {silent.missed} recording{pluralize(silent.missed)} began since, of which nothing was told."
    return Finding(title="Callbacks", tone="bad", text=text + missed, advice=advice)


def _usually(usual: timedelta | None) -> str:
    if usual is None:
        return ""
    return (
        f" Usually one comes every {_span(usual)}." if usual >= SECOND else " Usually several come at once."
    )


def _signatures(account: Account, refusals: list[Refusal]) -> Finding:
    lately = WebhookDelivery.objects.filter(account=account, received_at__gte=timezone.now() - SPAN)
    accepted = lately[: MOST + 1].count()
    doubles = lately.aggregate(sum=Sum("duplicates"))["sum"] or 0 if accepted <= MOST else 0
    unsigned = lately.exclude(note="").order_by()[: MOST + 1].count()
    refused = sum(each.count for each in refusals)
    total = accepted + doubles + refused
    if not total:
        return Finding(title="Signatures", tone="info", text="No callback came in the last 7 days.")
    rate = (accepted + doubles) / total
    text = f"{_share(total - refused, total)} passed in the last 7 days."
    reasons = sorted(refusals, key=lambda each: -each.count)
    worst = f" Most often: {reasons[0].reason.rstrip('.')} ({reasons[0].count:,}×)." if reasons else ""
    were = f"{unsigned:,} {pluralize(unsigned, 'was,were')}"
    weak = f" {were} accepted with a remark, such as not being signed." if unsigned else ""
    tone = "good" if rate >= TOO_FEW_PASS else "warn" if accepted else "bad"
    advice = "" if tone == "good" else "Compare the account's webhook secret with the provider's."
    return Finding(title="Signatures", tone=tone, text=f"{text}{worst}{weak}", advice=advice)


def _share(passed: int, total: int) -> str:
    if passed < total:
        return f"{passed * 1000 // total / 10}% of {total:,} callbacks"  # never rounded up to all of them
    return f"All {total:,} callbacks" if total > 1 else "The only callback"


def _clock(refusals: list[Refusal]) -> Finding:
    skews = [each.skew_seconds for each in refusals if each.skew_seconds is not None]
    worst = max(skews, key=abs, default=None)
    if worst is None or abs(worst) < SKEW_SECONDS:
        return Finding(title="Clock", tone="good", text="Nothing was turned away for its time.")
    side = "behind" if worst > 0 else "ahead of"
    return Finding(
        title="Clock",
        tone="bad",
        text=f"This server's clock seems to be {_span(timedelta(seconds=abs(worst)))} {side} the sender's.",
        advice="See whether this server's time service runs. Callbacks that came late look the same.",
    )


def _address(account: Account, last: WebhookDelivery | None, refusals: list[Refusal]) -> Finding:
    expected = urlsplit(settings.PUBLIC_URL).netloc
    strange = next((each for each in refusals if _differs(each)), None)
    if strange is not None:
        seen = _host(strange.url_seen)
        text = f"Callbacks reached this server as {seen or 'an unknown host'}, and {expected} is expected."
        advice = "Correct PUBLIC_URL, or the host that the proxy in front passes on."
        return Finding(title="Address", tone="warn", text=text, advice=advice)
    seen = str(last.headers.get("host", "")) if last else ""
    if seen and seen != expected:
        text = f"The last callback came for {seen}, and {expected} is expected."
        return Finding(title="Address", tone="info", text=text)
    return Finding(title="Address", tone="good", text=f"Callbacks are expected at {expected}.")


def _differs(refusal: Refusal) -> bool:
    return bool(refusal.url_seen) and _host(refusal.url_seen) != _host(refusal.url_expected)


def _host(address: str) -> str:
    return urlsplit(address if "//" in address else f"//{address}").netloc


def _endpoint(account: Account) -> Finding:
    """What the provider itself says of where it posts, where it says anything."""
    if not account.endpoints:
        text = "The provider does not tell, or was not asked yet, where it posts."
        return Finding(title="Provider's side", tone="info", text=text)
    ours = [each for each in account.endpoints if each.get("url", "").startswith(account.webhook_url)]
    if not ours:
        text = "None of the provider's endpoints leads here."
        advice = "Create one, below or in the provider's console."
        return Finding(title="Provider's side", tone="bad", text=text, advice=advice)
    sick = next((each for each in ours if each.get("is_healthy") is False), None)
    if sick is not None:
        text = f"The provider calls the endpoint that leads here {sick.get('state') or 'unhealthy'}."
        advice = "Repair or create it anew, below or in the provider's console."
        return Finding(title="Provider's side", tone="bad", text=text, advice=advice)
    return Finding(title="Provider's side", tone="good", text="An endpoint leads here and works.")


def _span(span: timedelta) -> str:
    """A length of time in words: "3 min"."""
    return age_text(span.total_seconds()).removesuffix(" ago").replace("now", "moment")
