"""The form of an account's automatic orders: an order's own options, checked as if it were given."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib.auth.models import AbstractUser

from dashboard.forms import OrderForm
from recordings import connections
from recordings.models import Account
from recordings.providers.orders import Action
from recordings.targets import Target
from recordings.validation import OrderRefused, check_options

KIND = "transcript.order"


class AutomaticForm(OrderForm):
    """Whether a transcript is ordered when a recording completes, and with what options."""

    is_on = forms.BooleanField(
        required=False, label="Order a transcript as soon as a recording of this account completes"
    )

    def __init__(self, data: Mapping[str, Any] | None, *, account: Account, action: Action) -> None:
        super().__init__(
            data,
            options=action.options,
            account=account,
            may_send_elsewhere=True,
            given=account.automatic_options or None,
            initial={"is_on": account.order_automatically},
        )
        del self.fields["order_key"], self.fields["seen"]
        self.action = action

    def is_accepted(self, user: AbstractUser) -> bool:
        """Whether every order with these options would be written down; else the fields say why not."""
        if not self.is_valid():
            return False
        try:
            check_options(user, Target.of(self.account), self.action, self.values())
        except OrderRefused as exc:
            self.refuse("Such an order would be refused.", exc.errors)
            return False
        return True

    def save(self) -> None:
        """Keep the choice; what completed before stays as it is."""
        self.account.order_automatically = self.cleaned_data["is_on"]
        self.account.automatic_options = self.values()
        self.account.save(update_fields=["order_automatically", "automatic_options"])


def automatic_action(account: Account) -> Action | None:
    """The order that can be given automatically, if the provider has it."""
    return connections.face(account.provider).action(KIND)
