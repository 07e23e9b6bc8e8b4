"""The administration of accounts: what goes in, what never comes out."""

import re

import pytest

from dashboard.admin import account_form
from recordings import connections, intake
from recordings.models import Account, Errand, Recording
from recordings.providers.base import ConfigField
from recordings.providers.recall import RecallAdapter
from tests.simulators.recall import RecallSimulator

ADD = "/admin/recordings/account/add/"
LIST = "/admin/recordings/account/"


@pytest.fixture
def admin(signed_in, administrator):
    return signed_in(administrator)


def page_of(account, name="change"):
    return f"/admin/recordings/account/{account.pk}/{name}/"


def typed(account=None, **changes):
    """The form as it is shown, with changes; secrets are empty in it."""
    form = {"name": "Support", "is_active": "on", "config_region": "us-west-2"}
    if account:
        form |= {"name": account.name, "base_url": account.base_url}
        form |= {f"config_{name}": value for name, value in account.config.items()}
    return {**form, **changes}


def messages(response):
    return " ".join(
        re.sub(r"\s+", " ", text)
        for text in re.findall(r'<li class="(?:success|warning|error)">(.*?)</li>', response.text, re.DOTALL)
    )


@pytest.mark.parametrize(
    ("role", "status"),
    [("viewer", 403), ("operator", 403), ("manager", 403), ("auditor", 403), ("administrator", 200)],
)
def test_only_administrators_enter(role, status, request, signed_in):
    client = signed_in(request.getfixturevalue(role))

    response = client.get("/admin/", follow=True)

    assert response.status_code == status
    assert client.get(LIST, follow=True).status_code == status


def test_strangers_sign_in_at_the_console(client, db, admin):
    assert client.get("/admin/").headers["Location"] == "/admin/login/?next=/admin/"
    assert client.get("/admin/login/?next=/admin/").headers["Location"] == "/sign-in/?next=/admin/"
    assert admin.get("/admin/login/").headers["Location"] == "/admin/"


def test_a_flag_of_django_opens_nothing(signed_in, viewer):
    viewer.is_staff = True
    viewer.save()

    assert signed_in(viewer).get("/admin/", follow=True).status_code == 403


def test_provider_is_chosen_first(admin):
    page = admin.get(ADD).text

    for face in connections.faces().values():
        assert f'href="?provider={face.slug}"' in page
        assert face.label in page
    assert admin.get(f"{ADD}?provider=nobody").text.count("?provider=") == len(connections.faces())


def test_form_of_a_new_account_tells_its_provider(admin):
    for face in connections.faces().values():
        assert f'<div class="readonly">{face.label}</div>' in admin.get(f"{ADD}?provider={face.slug}").text


def test_accounts_are_filtered_by_what_people_call_their_provider(admin, account):
    others = next(face for slug, face in connections.faces().items() if slug != account.provider)
    mine = connections.face(account.provider)

    page = admin.get(LIST).text
    assert f">{mine.label}</a>" in page
    assert account.name in admin.get(f"{LIST}?provider={mine.slug}").text
    assert account.name not in admin.get(f"{LIST}?provider={others.slug}").text


def test_account_is_made_sealed_and_tested_at_once(admin, world):
    simulator = RecallSimulator(clock=world.clock)
    told = simulator.account()["secrets"]
    world.transport.simulators["recall-0.test"] = simulator

    response = admin.post(
        f"{ADD}?provider=recall",
        typed(
            base_url="http://recall-0.test/",
            secret_api_key=told["api_key"],
            secret_webhook_secrets=told["webhook_secrets"].replace("\n", "\r\n"),
            allowed_hosts="Media.Example.com\nmedia.example.com other.example:8443",
        ),
    )
    world.work()

    assert response.status_code == 302
    account = Account.objects.get()
    assert (account.provider, account.base_url, account.config) == (
        "recall",
        "http://recall-0.test",
        {"region": "us-west-2"},
    )
    assert account.allowed_hosts == ["media.example.com", "other.example:8443"]
    assert connections.secrets_of(account) == told
    assert told["api_key"] not in account.sealed_secrets
    assert account.is_healthy
    assert Errand.objects.get(kind="account.check").every_seconds is not None


def test_secrets_never_come_out(admin, account):
    secrets = connections.secrets_of(account)

    for name in ("change", "test", "rotate", "history", "delete"):
        page = admin.get(page_of(account, name), follow=True).text
        assert not [value for secret in secrets.values() for value in secret.split() if value in page]
    assert "Stored. Leave empty to keep it." in admin.get(page_of(account)).text
    assert account.webhook_url in admin.get(page_of(account)).text


def test_refused_form_does_not_send_secrets_back_and_says_so(admin, account):
    response = admin.post(
        page_of(account),
        typed(account, name="", secret_api_key="new-key", secret_webhook_secrets="whsec_new"),
    )

    assert response.status_code == 200
    assert "new-key" not in response.text
    assert "whsec_new" not in response.text
    assert account_form.TYPE_AGAIN in response.text


def test_empty_keeps_typed_replaces_and_a_checkbox_forgets(admin, account):
    before = connections.secrets_of(account)

    admin.post(page_of(account), typed(account, name="Renamed"))
    account.refresh_from_db()
    assert (account.name, connections.secrets_of(account)) == ("Renamed", before)

    admin.post(page_of(account), typed(account, secret_api_key="  new-key "))
    account.refresh_from_db()
    assert connections.secrets_of(account) == {**before, "api_key": "new-key"}

    admin.post(page_of(account), typed(account, clear_webhook_secrets="on"))
    account.refresh_from_db()
    assert connections.secrets_of(account) == {"api_key": "new-key"}


@pytest.mark.parametrize(
    "change", [{"config_region": "eu-central-1"}, {"base_url": "https://elsewhere.example"}]
)
def test_changed_identity_forgets_the_secrets_and_says_so(admin, account, change):
    response = admin.post(page_of(account), typed(account, **change), follow=True)

    account.refresh_from_db()
    assert connections.secrets_of(account) == {}
    assert "belonged to the old one and were forgotten" in response.text


def test_changed_identity_keeps_what_was_typed_with_it(admin, account):
    admin.post(page_of(account), typed(account, config_region="eu-central-1", secret_api_key="of-europe"))

    account.refresh_from_db()
    assert connections.secrets_of(account) == {"api_key": "of-europe"}
    assert account.config == {"region": "eu-central-1"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"secret_api_key": ""}, "This field is required."),
        ({"config_region": ""}, "This field is required."),
        ({"base_url": "http://elsewhere.example"}, "Credentials are sent over https only."),
        ({"base_url": "https://me:too@elsewhere.example"}, "No user, query or fragment"),
        ({"base_url": "https://elsewhere.example:99999"}, "This port does not exist."),
        ({"allowed_hosts": "https://elsewhere.example/"}, "Not a host name: https://elsewhere.example/."),
    ],
)
def test_wrong_input_is_said_at_its_field(admin, db, change, message):
    response = admin.post(f"{ADD}?provider=recall", typed(**{"secret_api_key": "k", **change}))

    assert response.status_code == 200
    assert message in response.text
    assert not Account.objects.exists()


def test_saving_leaves_alone_what_the_workers_write(admin, account):
    page = typed(account)
    Account.objects.filter(pk=account.pk).update(calls_seen_at="2026-11-20T08:00Z", is_healthy=True)

    admin.post(page_of(account), page)

    account.refresh_from_db()
    assert account.calls_seen_at is not None
    assert account.is_healthy is True


def test_unreadable_credentials_are_said_and_can_be_typed_anew(admin, account):
    Account.objects.update(sealed_secrets="sealed by a lost key")

    assert "Credentials unreadable" in admin.get(page_of(account)).text
    assert admin.post(page_of(account), typed(account)).status_code == 302
    assert Account.objects.get().sealed_secrets == "sealed by a lost key"
    half = admin.post(page_of(account), typed(account, secret_webhook_secrets="whsec_bmV3"))
    assert "This field is required." in half.text
    admin.post(page_of(account), typed(account, secret_api_key="new"))
    assert connections.secrets_of(Account.objects.get()) == {"api_key": "new"}


FIELDS = (
    ConfigField(name="region", label="Region", is_required=True, choices=(("us-west-2", "West"),)),
    ConfigField(name="strict", label="Strict", is_boolean=True),
    ConfigField(name="domains", label="Domains", is_many=True),
    ConfigField(name="user_id", label="User", is_identity=True),
    ConfigField(name="hmac", label="Signing secret", is_secret=True, is_generated=True),
)


def test_fields_of_every_sort(admin, db, monkeypatch):
    monkeypatch.setattr(RecallAdapter, "config_fields", FIELDS)

    form = typed(config_strict="on", config_domains="a\r\nb", config_user_id="u1")
    admin.post(f"{ADD}?provider=recall", form)

    account = Account.objects.get()
    assert account.config == {"region": "us-west-2", "strict": "on", "domains": "a\r\nb", "user_id": "u1"}
    made = connections.secrets_of(account)["hmac"]
    assert len(made) == 44
    page = admin.get(page_of(account)).text
    assert made not in page
    assert re.search(r'name="config_strict"[^>]* checked', page)

    admin.post(page_of(account), typed(config_user_id="u1"))
    account.refresh_from_db()
    assert account.config["strict"] == ""
    assert connections.secrets_of(account)["hmac"] == made

    admin.post(page_of(account), typed(config_user_id="u2"))
    account.refresh_from_db()
    assert connections.secrets_of(account)["hmac"] not in ("", made)


def test_connection_is_tested_by_a_worker_while_the_page_waits(admin, account, world):
    asked = admin.post(page_of(account, "test"))
    waiting = admin.get(asked.headers["Location"])
    world.work()
    fragment = admin.get(asked.headers["Location"], headers={"HX-Request": "true"})

    assert "A worker is testing the account" in waiting.text
    assert 'hx-trigger="every 1s"' in waiting.text
    assert "The API key works." in fragment.text
    assert "hx-trigger" not in fragment.text
    assert "<html" not in fragment.text


def test_failed_test_says_why(admin, account, world):
    connections.set_secrets(account, {"api_key": "wrong"})
    account.save()
    asked = admin.post(page_of(account, "test"))
    world.work()

    page = admin.get(asked.headers["Location"]).text

    assert "It does not work." in page
    account.refresh_from_db()
    assert account.health_message in page


def test_nobody_waits_for_ever_for_a_test(admin, account, world):
    asked = admin.post(page_of(account, "test"))
    world.clock.advance(120)

    page = admin.get(asked.headers["Location"]).text

    assert "see whether the queue runs" in page
    assert "hx-trigger" not in page
    assert "Not tested yet." in admin.get(page_of(account, "test") + "?since=nonsense").text


def test_account_that_is_off_is_not_tested(admin, account):
    Account.objects.update(is_active=False)

    page = admin.post(page_of(account, "test"), follow=True).text

    assert "This account is switched off" in page
    assert not Errand.objects.exists()


def test_new_webhook_address_leaves_the_old_one_seven_days(admin, account, world):
    old = account.webhook_key
    assert "7 more days" in admin.get(page_of(account, "rotate")).text

    admin.post(page_of(account, "rotate"), follow=True)

    account.refresh_from_db()
    assert account.webhook_key != old
    assert account.old_webhook_key == old
    page = admin.get(page_of(account)).text
    assert account.webhook_url in page
    assert "The address before it works until 27 November 2026" in page
    intake.forget()
    assert intake.receive("recall", old, arrived()) == 400
    intake.forget()
    world.clock.advance(8 * 86_400)
    assert intake.receive("recall", old, arrived()) == 404
    assert "The address before it" not in admin.get(page_of(account)).text


def arrived():
    return intake.Arrived(method="POST", path="", full_path="/", host="", headers={})


def test_without_public_address_the_page_says_how_states_come(admin, account, settings):
    settings.PUBLIC_URL = ""

    assert "states come by looks alone" in admin.get(page_of(account)).text


def test_account_with_anything_stored_cannot_be_deleted(admin, account, world):
    Recording.objects.create(account=account, external_id="r1", sort_at=world.clock.utc())

    page = admin.post(page_of(account, "delete"), {"post": "yes"}, follow=True).text

    assert f"{account} cannot be deleted: there are still recordings of it." in page
    assert Account.objects.exists()


def test_empty_account_goes_with_its_errands(admin, account, world):
    world.look_at_calls(account)
    assert Errand.objects.exists()
    assert admin.get(page_of(account, "delete")).status_code == 200

    admin.post(page_of(account, "delete"), {"post": "yes"})

    assert not Account.objects.exists()
    assert admin.post(page_of(account, "delete"), {"post": "yes"}).status_code == 302


def test_list_shows_health_and_who_may(admin, account, administrator):
    account.groups.set(administrator.groups.all())
    Account.objects.update(is_healthy=False, health_message="The key is wrong.", health_at=account.created_at)

    page = admin.get(LIST).text

    assert "The key is wrong." in page
    assert "administrator" in page
    assert RecallAdapter.label in page


def test_account_of_a_provider_that_is_gone_is_listed_and_cannot_be_changed(admin, account):
    Account.objects.update(provider="gone")

    assert "gone" in admin.get(LIST).text
    assert admin.get(page_of(account)).status_code == 404


def test_automatic_orders_are_checked_like_the_form_and_kept(admin, account):
    assert "Choose when and how" in admin.get(page_of(account)).text
    page = admin.get(page_of(account, "automatic")).text
    assert "Only recordings that complete from now on are meant" in page

    wrong = admin.post(page_of(account, "automatic"), {"is_on": "on", "o-provider": "nobody"})
    account.refresh_from_db()
    assert wrong.status_code == 200
    assert "Choose one of" in wrong.text
    assert not account.order_automatically

    admin.post(page_of(account, "automatic"), {"is_on": "on", "o-provider": "recallai_async"})
    account.refresh_from_db()
    assert account.order_automatically
    assert account.automatic_since is not None
    assert account.automatic_options["provider"] == "recallai_async"
    assert "On." in admin.get(page_of(account)).text


def test_automatic_orders_obey_rules_between_fields(admin, account, monkeypatch):
    refusal = {"provider": "Not with these others."}
    monkeypatch.setattr(RecallAdapter, "check_options", classmethod(lambda *_: refusal))

    page = admin.post(page_of(account, "automatic"), {"is_on": "on", "o-provider": "recallai_async"}).text

    account.refresh_from_db()
    assert "Not with these others." in page
    assert "Such an order would be refused." in page
    assert not account.order_automatically


def test_provider_without_transcripts_has_no_automatic_orders(admin, account, monkeypatch):
    monkeypatch.setattr(RecallAdapter, "actions", ())

    page = admin.get(page_of(account, "automatic"), follow=True).text

    assert "No transcript can be ordered of this provider." in page
