"""Forms about people: the first administrator and one's own profile."""

from typing import TYPE_CHECKING, Any
from zoneinfo import available_timezones

from django import forms
from django.contrib.auth.forms import UserCreationForm
from django.contrib.auth.models import Group
from django.db import transaction

from dashboard import setup
from dashboard.models import User
from dashboard.roles import ADMINISTRATOR

if TYPE_CHECKING:
    PersonForm = forms.ModelForm[User]
    NewPersonForm = UserCreationForm[User]
else:
    PersonForm, NewPersonForm = forms.ModelForm, UserCreationForm

APPEARANCES = (("", "As this device says"), ("light", "Light"), ("dark", "Dark"))


class ProfileForm(PersonForm):
    """Name, time zone and appearance."""

    appearance = forms.ChoiceField(choices=APPEARANCES, required=False)

    class Meta:
        model = User
        fields = ("first_name", "last_name", "email", "time_zone")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["appearance"].initial = self.instance.preferences.get("appearance", "")
        zones = [(name, name.replace("_", " ")) for name in sorted(available_timezones())]
        self.fields["time_zone"].widget = forms.Select(choices=zones)

    def save(self, commit: bool = True) -> User:  # noqa: FBT001, FBT002
        """Store what was chosen, the appearance among the person's preferences."""
        chosen = self.cleaned_data["appearance"]
        self.instance.preferences = {**self.instance.preferences, "appearance": chosen}
        return super().save(commit)


class FirstAdministratorForm(NewPersonForm):
    """Name and password of the first person."""

    class Meta:
        model = User
        fields = ("username", "email")

    def save_first(self) -> User | None:
        """Make the administrator and end the link; None where somebody was quicker."""
        with transaction.atomic():
            if User.objects.exists():
                return None
            user = self.save()
            user.groups.add(Group.objects.get(name=ADMINISTRATOR))
        setup.forget()
        return user
