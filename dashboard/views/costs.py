"""Costs: a month by account and engine, as charged and as estimated; no currency is added to another."""

from decimal import Decimal
from typing import Any

from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from dashboard import costs as ledger
from dashboard import spreadsheets
from dashboard.requests import OperatorRequest
from dashboard.templatetags.tapedeck import engine_label
from recordings.models import Account

SEE = "recordings.see_operations"
HEADS = (
    *("month", "account", "provider", "what", "engine", "count", "minutes", "currency"),
    *("charged", "estimated", "charged count", "without a rate", "of unknown length"),
)


@require_safe
@permission_required(SEE, raise_exception=True)
def costs(request: OperatorRequest) -> HttpResponse:
    """Show one month."""
    month, rows = _asked(request)
    months = ledger.months()
    context = {
        "month": month,
        "months": months if month in months else [month, *months],
        "rows": rows,
        "totals": ledger.totals(rows),
        "unrated": sum(row.unrated for row in rows),
    }
    return render(request, "costs/costs.html", context)


@require_safe
@permission_required(SEE, raise_exception=True)
def export(request: OperatorRequest) -> HttpResponse:
    """The same as a table: a line for each currency of a row."""
    month, rows = _asked(request)
    lines = [line for row in rows for line in _lines(f"{month:%Y-%m}", row)]
    return spreadsheets.answer(f"costs-{month:%Y-%m}.csv", HEADS, lines)


def _asked(request: OperatorRequest) -> tuple[Any, list[ledger.CostRow]]:
    month = ledger.month_in(request.GET.get("month", ""))
    return month, ledger.costs(Account.objects.usable_by(request.user).defer("sealed_secrets"), month)


def _lines(month: str, row: ledger.CostRow) -> list[tuple[Any, ...]]:
    account, facts = row.account, (row.charged_count, row.unrated, row.unmeasured)
    first = month, account.name, account.provider, row.noun, engine_label(account.provider, row.engine)
    currencies = sorted(row.charged.keys() | row.estimated.keys()) or [""]
    return [
        (
            *first,
            row.count,
            row.minutes,
            each,
            *_plain(row.charged, each),
            *_plain(row.estimated, each),
            *facts,
        )
        for each in currencies
    ]


def _plain(amounts: dict[str, Decimal], currency: str) -> list[str]:
    """One cell, empty for what is not known."""
    return [f"{amounts[currency].normalize():f}" if currency in amounts else ""]
