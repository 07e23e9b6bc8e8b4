import httpx
import pytest

from recordings.providers.daily.events import EVENT_TYPES
from recordings.providers.errors import OutcomeUnknown, Refused, UnexpectedResponse
from tests.providers.daily_account import HOOK, Account, answering, complains, fixture, inbound, order, says

UUID = "6a2f4b8c-1d3e-4f5a-8b7c-9d0e1f2a3b4c"
ONE = f"/webhooks/{UUID}"


@pytest.fixture
def account():
    return Account()


def hook(**changes):
    return {**fixture("api.webhook"), "url": HOOK, **changes}


def test_a_webhook_is_made_with_our_secret_and_tested_at_once(account):
    answer = account.perform("endpoint.create", options={})

    made = account.simulator.effects("create_webhook")[0]
    assert made.details == {
        "url": HOOK,
        "eventTypes": list(EVENT_TYPES),
        "retryType": "exponential",
        "hmac": account.simulator.webhook_hmac,
    }
    url, headers, content = account.got[0]
    verified = account.adapter.verify(_inbound(account, url, headers, content))
    assert verified.is_ping
    fact = answer.facts[0]
    assert (fact.external_id, fact.url, fact.state) == (made.result, HOOK, "ACTIVE")
    assert fact.is_healthy
    assert fact.events == EVENT_TYPES


def test_a_webhook_is_made_as_it_was_ordered(account):
    options = {"eventTypes": ["recording.started"], "retryType": "circuit-breaker"}

    account.perform("endpoint.create", options=options)

    details = account.simulator.effects("create_webhook")[0].details
    assert details["eventTypes"] == ["recording.started"]
    assert details["retryType"] == "circuit-breaker"


def test_the_login_is_given_to_daily(account):
    account = Account(basic_auth="user:word")

    account.perform("endpoint.create")

    assert account.simulator.effects("create_webhook")[0].details["basicAuth"] == "user:word"
    assert account.adapter.verify(_inbound(account, *account.got[0])).is_ping


def test_no_secret_leaves_the_adapter(account):
    answer = account.perform("endpoint.create")

    assert account.simulator.webhook_hmac not in repr(answer)
    assert account.simulator.webhook_hmac not in repr(account.adapter.list_endpoints())


def test_one_that_leads_here_already_is_updated_instead_of_doubled(account):
    account.simulator.set_webhook(HOOK.rstrip("/"), retry_type="circuit-breaker")

    answer = account.perform("endpoint.create")

    assert len(account.simulator.webhooks) == 1
    assert len(account.simulator.effects("update_webhook")) == 1
    assert "updated and tested" in answer.note


def test_a_webhook_of_somebody_else_stays(account):
    account.simulator.set_webhook("https://elsewhere.example.test/")

    account.perform("endpoint.create")

    assert len(account.simulator.webhooks) == 2


@pytest.mark.parametrize("kind", ["endpoint.create", "endpoint.repair"])
def test_without_an_address_nothing_is_sent(account, kind):
    with pytest.raises(Refused, match="PUBLIC_URL"):
        account.perform(kind, callback_url="")

    assert account.asked() == []


def test_without_a_secret_nothing_is_sent():
    account = Account(webhook_hmac=" ")

    with pytest.raises(Refused, match="no webhook secret"):
        account.perform("endpoint.create")

    assert account.asked() == []


def test_an_address_that_daily_cannot_reach_is_told(account):
    account.simulator.outbox.deliver = lambda *_: 204

    with pytest.raises(Refused, match=r"check PUBLIC_URL.*No webhook was made.*recvd 204"):
        account.perform("endpoint.create")

    assert account.simulator.webhooks == {}


def test_a_webhook_that_daily_gave_up_is_woken(account):
    uuid = account.simulator.set_webhook(HOOK, retry_type="circuit-breaker")
    account.simulator.webhooks[uuid].state = "FAILED"
    before = account.adapter.list_endpoints()[0]

    answer = account.perform("endpoint.repair", options={"retryType": "exponential"})

    assert (before.state, before.is_healthy) == ("FAILED", False)
    assert answer.facts[0].is_healthy
    assert account.simulator.effects("update_webhook")[0].details["hmac"] == account.simulator.webhook_hmac


def test_a_webhook_with_an_old_address_is_repaired_by_its_uuid(account):
    uuid = account.simulator.set_webhook("https://old.example.test/")

    account.perform("endpoint.repair", options={"uuid": uuid})

    assert account.simulator.webhooks[uuid].url == HOOK


@pytest.mark.parametrize("kind", ["endpoint.repair", "endpoint.delete"])
def test_without_a_webhook_of_ours_nothing_is_sent(account, kind):
    account.simulator.set_webhook("https://elsewhere.example.test/")
    account.simulator.requests.clear()

    with pytest.raises(Refused, match="no webhook that leads"):
        account.perform(kind)

    assert account.asked() == ["GET /v1/webhooks"]


@pytest.mark.parametrize("is_empty", [True, False])
def test_a_webhook_is_deleted_whatever_the_answer_holds(account, is_empty):
    account.simulator.switch(empty_delete_webhook=is_empty)
    uuid = account.simulator.set_webhook(HOOK)

    answer = account.perform("endpoint.delete")

    assert account.simulator.webhooks == {}
    assert (answer.facts[0].external_id, answer.facts[0].state) == (uuid, "DELETED")


def test_a_webhook_that_is_gone_is_deleted(account):
    answer = account.perform("endpoint.delete", options={"uuid": UUID})

    assert "gone already" in answer.note


@pytest.mark.parametrize("in_envelope", [True, False])
def test_webhooks_are_listed_bare_or_enveloped(account, in_envelope):
    account.simulator.switch(webhook_envelope=in_envelope)
    uuid = account.simulator.set_webhook(HOOK)

    found = account.adapter.list_endpoints()

    assert [each.external_id for each in found] == [uuid]
    assert found[0].failures == 0


def test_the_fields_of_a_webhook():
    adapter, _ = answering({("GET", "/webhooks"): says(fixture("api.webhooks"))})

    found = adapter.list_endpoints()[0]

    assert found.last_push_at.isoformat() == "2024-12-03T14:09:06.700000+00:00"
    assert found.raw["hmac"] == "[removed]"


def test_an_unknown_state_is_not_healthy_and_none_is_unknown():
    rows = [hook(state="INACTIVE"), hook(state=None), hook(state=2)]
    adapter, _ = answering({("GET", "/webhooks"): says(rows)})

    found = adapter.list_endpoints()

    assert [(each.state, each.is_healthy) for each in found] == [
        ("INACTIVE", False),
        ("", None),
        ("2", False),
    ]


@pytest.mark.parametrize(
    "answer", [says({}), says([1]), says([{}]), says([hook(uuid=None)]), httpx.Response(200)]
)
def test_a_list_that_is_none_is_unexpected(answer):
    adapter, _ = answering({("GET", "/webhooks"): answer})

    with pytest.raises(UnexpectedResponse):
        adapter.list_endpoints()


def test_a_list_of_one_is_as_good_as_an_object():
    answers = {("GET", "/webhooks"): says([hook()]), ("POST", ONE): says([hook(state="ACTIVE")])}
    adapter, _ = answering(answers)

    assert adapter.perform(order("endpoint.repair")).facts[0].external_id == UUID


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (says([]), UnexpectedResponse),
        (says([1]), UnexpectedResponse),
        (says({"url": HOOK}), UnexpectedResponse),
        (httpx.Response(200), UnexpectedResponse),
        (complains(500, "server-error"), OutcomeUnknown),
    ],
)
def test_what_an_answer_to_a_creation_means(answer, error):
    adapter, _ = answering({("GET", "/webhooks"): says([]), ("POST", "/webhooks"): answer})

    with pytest.raises(error):
        adapter.perform(order("endpoint.create"))


def test_a_look_that_fails_before_a_creation_leaves_no_doubt():
    adapter, asked = answering({("GET", "/webhooks"): complains(500, "server-error")})

    with pytest.raises(Refused, match="nothing was sent") as caught:
        adapter.perform(order("endpoint.create"))

    assert caught.value.can_wait
    assert len(asked) == 1


# Evidence.


def test_whether_a_webhook_was_made_is_read(account):
    found = account.order("endpoint.create")

    before = account.adapter.evidence(found)
    account.adapter.perform(found)
    after = account.adapter.evidence(found)

    assert (before.verdict, after.verdict) == ("absent", "happened")
    assert after.facts[0].url == HOOK


def test_whether_a_webhook_was_woken_is_read(account):
    uuid = account.simulator.set_webhook(HOOK)
    account.simulator.webhooks[uuid].state = "FAILED"

    assert account.adapter.evidence(account.order("endpoint.repair")).verdict == "absent"


@pytest.mark.parametrize("by_uuid", [True, False])
def test_whether_a_webhook_was_deleted_is_read(account, by_uuid):
    uuid = account.simulator.set_webhook(HOOK)
    found = account.order("endpoint.delete", options={"uuid": uuid} if by_uuid else {})

    before = account.adapter.evidence(found)
    account.adapter.perform(found)
    after = account.adapter.evidence(found)

    assert (before.verdict, after.verdict) == ("absent", "happened")


def _inbound(account, url, headers, content):
    return inbound(content, headers, received_at=account.now())
