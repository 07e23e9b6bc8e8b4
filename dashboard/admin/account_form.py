"""The form of an account, made from what its adapter says of its credentials."""

import base64
import re
import secrets
import types
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError

from recordings import connections
from recordings.models import Account
from recordings.providers.base import ConfigField, ProviderAdapter
from recordings.providers.errors import CredentialsRefused
from recordings.providers.network import is_listed

if TYPE_CHECKING:
    Base = forms.ModelForm[Account]
else:
    Base = forms.ModelForm

CONFIG, SECRET, CLEAR = "config_", "secret_", "clear_"
TYPE_AGAIN = "Typed secrets are never sent back to a browser: type them again."
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?")


class SecretText(forms.Textarea):
    """A field of several lines that forgets what was typed, as a password field does."""

    def format_value(self, value: Any) -> str:
        return ""


class HostLines(forms.CharField):
    """Host names, one a line; a list."""

    widget = forms.Textarea(attrs={"rows": 3, "cols": 60})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        hosts = super().clean(value).lower().split()
        wrong = [host for host in hosts if not _HOST.fullmatch(host)]
        if wrong:
            raise ValidationError(f"Not a host name: {', '.join(wrong)}. No scheme and no path, please.")
        return list(dict.fromkeys(hosts))

    def has_changed(self, initial: Any, data: Any) -> bool:
        return (initial or []) != (data or "").lower().split()


class AccountForm(Base):
    """What is common to all providers; ``form_for`` adds the fields of one."""

    face: ClassVar[type[ProviderAdapter]]

    base_url = forms.URLField(
        required=False,
        assume_scheme="https",
        label="Base URL",
        help_text="Leave empty for the provider's own address. Changing it clears the stored secrets.",
        widget=forms.URLInput(attrs={"size": 60}),
    )
    allowed_hosts = HostLines(
        required=False,
        help_text="Hosts to which a manager may have content sent, one a line.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance.pk:
            self.instance.provider = self.face.slug
        self.stored = stored_secrets(self.instance)
        self.was = (self.instance.base_url, dict(self.instance.config))
        for field in self.face.config_fields:
            if field.is_secret:
                self._describe(field)
            elif field.is_boolean:
                self.initial[CONFIG + field.name] = self.instance.config.get(field.name) == "on"
            else:
                self.initial[CONFIG + field.name] = self.instance.config.get(field.name, "")

    def _describe(self, field: ConfigField) -> None:
        state = "They cannot be read with the present keys." if self.stored is None else "Not set."
        if self.stored and field.name in self.stored:
            state = "Stored. Leave empty to keep it."
        elif field.is_generated:
            state = "Left empty, Tapedeck makes one."
        shown = self.fields[SECRET + field.name]
        shown.help_text = f"{state} {field.help}".strip()

    def clean_base_url(self) -> str:
        """Credentials go over https only; loopback names are the demo's and the tests'."""
        address = str(self.cleaned_data["base_url"]).rstrip("/")
        parts = urlsplit(address)
        try:
            is_ours = is_listed(parts.hostname or "", parts.port, settings.TAPEDECK_LOOPBACK_HOSTS)
        except ValueError as exc:
            raise ValidationError("This port does not exist.") from exc
        if address and parts.scheme != "https" and not is_ours:
            raise ValidationError("Credentials are sent over https only.")
        if parts.username or parts.query or parts.fragment:
            raise ValidationError("No user, query or fragment, please: scheme, host and path.")
        return address

    def clean(self) -> dict[str, Any]:
        """Miss required secrets only where nothing stands in for them."""
        cleaned = super().clean() or {}
        if not self.instance.pk or (self.stored is None and self.typed()):
            for field in self._secrets():
                if field.is_required and not cleaned.get(SECRET + field.name):
                    self.add_error(SECRET + field.name, "This field is required.")
        return cleaned

    def full_clean(self) -> None:
        """Say once that what is secret has to be typed again, whatever else was wrong."""
        super().full_clean()
        if self.is_bound and self.errors and self.typed():
            self.add_error(None, TYPE_AGAIN)

    def typed(self) -> dict[str, str]:
        """Secrets that were typed now."""
        given = {field.name: self.data.get(SECRET + field.name, "").strip() for field in self._secrets()}
        return {name: value.replace("\r\n", "\n") for name, value in given.items() if value}

    def config(self) -> dict[str, Any]:
        """The config as it will be stored; what the adapter does not know stays."""
        open_fields = [field for field in self.face.config_fields if not field.is_secret]
        given = {field.name: self.cleaned_data.get(CONFIG + field.name) for field in open_fields}
        words = {name: "on" if value is True else str(value or "").strip() for name, value in given.items()}
        return self.was[1] | words

    @property
    def is_another_account(self) -> bool:
        """Whether a changed address or identity means that the stored secrets belong to somebody else."""
        identity = [field.name for field in self.face.config_fields if field.is_identity]
        base_url, config = self.was
        now = self.config()
        is_moved = base_url != self.cleaned_data.get("base_url", "")
        return bool(self.instance.pk) and (
            is_moved or any(config.get(name, "") != now.get(name, "") for name in identity)
        )

    def secrets(self) -> dict[str, str] | None:
        """All secrets as they will be stored; None to leave them sealed as they are."""
        typed = self.typed()
        cleared = {field.name for field in self._secrets() if self.cleaned_data.get(CLEAR + field.name)}
        if self.stored is None and not typed and not self.is_another_account:
            return None
        kept = {} if self.is_another_account else dict(self.stored or {})
        found = {name: value for name, value in kept.items() if name not in cleared} | typed
        made = [field.name for field in self._secrets() if field.is_generated and not found.get(field.name)]
        return found | {name: new_secret() for name in made}

    def _secrets(self) -> list[ConfigField]:
        return [field for field in self.face.config_fields if field.is_secret]


def form_for(face: type[ProviderAdapter]) -> type[AccountForm]:
    """The form of this provider's accounts."""
    fields: dict[str, Any] = {}
    for field in face.config_fields:
        if field.is_secret:
            fields[SECRET + field.name] = _secret_field(field)
            fields[CLEAR + field.name] = forms.BooleanField(required=False, label=f"Forget the {field.label}")
        else:
            fields[CONFIG + field.name] = _open_field(field)
    made: type[AccountForm] = types.new_class(
        "AccountForm", (AccountForm,), exec_body=lambda body: body.update(fields, face=face)
    )
    return made


def field_names(face: type[ProviderAdapter], account: Account | None) -> list[str]:
    """The fields in the order of the page, what is stored with a checkbox to forget it."""
    stored = (stored_secrets(account) or {}) if account else {}
    names = []
    for field in face.config_fields:
        names.append((SECRET if field.is_secret else CONFIG) + field.name)
        if field.name in stored:
            names.append(CLEAR + field.name)
    return names


def stored_secrets(account: Account) -> dict[str, str] | None:
    """What is sealed; None when the present keys do not open it."""
    try:
        return connections.secrets_of(account)
    except CredentialsRefused:
        return None


def new_secret() -> str:
    """32 random bytes, base64: what providers take as a signing secret."""
    return base64.b64encode(secrets.token_bytes(32)).decode()


def _secret_field(field: ConfigField) -> forms.Field:
    attrs = {"autocomplete": "off", "spellcheck": "false"}
    one_line = forms.PasswordInput(attrs={**attrs, "autocomplete": "new-password", "size": 60})
    widget = SecretText(attrs={**attrs, "rows": 3, "cols": 60}) if field.is_many else one_line
    return forms.CharField(required=False, label=field.label, widget=widget)


def _open_field(field: ConfigField) -> forms.Field:
    facts: dict[str, Any] = {"label": field.label, "help_text": field.help}
    if field.is_boolean:
        return forms.BooleanField(required=False, **facts)
    if field.is_identity:
        facts["help_text"] = f"{field.help} Changing it clears the stored secrets.".strip()
    facts["required"] = field.is_required
    if field.choices:
        return forms.ChoiceField(choices=[("", "---------"), *field.choices], **facts)
    if field.is_many:
        return forms.CharField(widget=forms.Textarea(attrs={"rows": 3, "cols": 60}), **facts)
    return forms.CharField(widget=forms.TextInput(attrs={"size": 60}), **facts)
