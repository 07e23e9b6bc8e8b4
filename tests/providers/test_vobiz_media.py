import json

import pytest

from recordings.providers.errors import CredentialsRefused, NotFound, ProviderError, Refused, Unavailable
from recordings.providers.snapshots import Status
from recordings.providers.vobiz.media import sniffed
from tests.providers.vobiz_account import RECORDING, Account, fixture, recording_ref


@pytest.fixture
def vobiz():
    return Account()


def held(vobiz, **add):
    """A finished recording, as the mirror knows it."""
    external_id = vobiz.finished(**add)
    fact = vobiz.adapter.fetch("recording", external_id)[0]
    return recording_ref(external_id, handle=fact.handle)


def test_the_file_needs_both_headers(vobiz):
    recording = held(vobiz)

    media = vobiz.adapter.media(recording, "audio")

    assert media.url == recording.handle["recording_url"]
    assert media.headers == {
        "X-Auth-ID": vobiz.simulator.auth_id,
        "X-Auth-Token": vobiz.simulator.auth_token,
    }
    assert media.content_type == "audio/mpeg"
    assert media.filename == f"{recording.external_id}.mp3"


@pytest.mark.parametrize("has_ranges", [True, False])
def test_whether_pieces_can_be_had_is_seen(vobiz, has_ranges):
    vobiz.simulator.switch(media_ranges=has_ranges)

    media = vobiz.adapter.media(held(vobiz), "audio")

    assert media.has_ranges is has_ranges
    assert vobiz.simulator.requests[-1].headers["range"] == "bytes=0-15"


def test_a_wav_under_the_name_of_an_mp3_is_served_as_what_it_is(vobiz):
    vobiz.simulator.switch(wav_inside_mp3=True)

    media = vobiz.adapter.media(held(vobiz), "audio")

    assert media.url.endswith(".mp3")
    assert (media.content_type, media.filename[-4:]) == ("audio/wav", ".wav")


def test_one_variant_by_its_name(vobiz):
    wav = vobiz.adapter.variants(held(vobiz, file_format="wav"))
    mp3 = vobiz.adapter.variants(held(vobiz))

    assert [each.content_type for each in (*wav, *mp3)] == ["audio/wav", "audio/mpeg"]
    assert vobiz.adapter.variants(recording_ref(status=Status.IN_PROGRESS)) == ()


def test_a_redirect_to_a_foreign_host_is_followed_without_the_credentials(vobiz):
    recording = held(vobiz)
    store = vobiz.simulator
    vobiz.transport().simulators["store.test"] = store
    vobiz.connection.links._loopback_hosts = ("store.test",)
    vobiz.simulator.switch(media_redirect="http://store.test")

    media = vobiz.adapter.media(recording, "audio")

    assert media.url.startswith("http://store.test/signed/")
    assert media.headers == {}
    assert media.content_type == "audio/mpeg"
    assert vobiz.simulator.effects("leak_credentials") == []


def test_a_foreign_link_that_does_not_open_is_no_fault_of_the_credentials(vobiz):
    recording = held(vobiz)
    vobiz.transport().simulators["store.test"] = vobiz.simulator
    vobiz.connection.links._loopback_hosts = ("store.test",)
    vobiz.simulator.switch(media_redirect="http://store.test")
    vobiz.simulator.fail(kind="refuse", status=403, path_contains="/signed/")

    with pytest.raises(Unavailable):
        vobiz.adapter.media(recording, "audio")


def test_a_foreign_link_without_tls_is_not_followed(vobiz):
    recording = held(vobiz)
    vobiz.simulator.switch(media_redirect="http://store.test")

    with pytest.raises(Refused, match="not https"):
        vobiz.adapter.media(recording, "audio")


def test_redirects_on_own_hosts_keep_the_credentials_and_end(vobiz):
    recording = held(vobiz)
    vobiz.simulator.fail(kind="refuse", status=302, headers={"location": "?again=1"}, times=2)

    media = vobiz.adapter.media(recording, "audio")

    assert media.url == f"{recording.handle['recording_url']}?again=1"
    assert media.headers


def test_redirects_without_end_are_given_up(vobiz):
    recording = held(vobiz)
    vobiz.simulator.fail(kind="refuse", status=302, headers={"location": "?again=1"}, times=9)

    with pytest.raises(Unavailable, match="more than three times"):
        vobiz.adapter.media(recording, "audio")


@pytest.mark.parametrize("location", ["http://[oops", "https://host:port/x", "http://\x00"])
def test_a_redirect_to_nowhere(vobiz, location):
    recording = held(vobiz)
    vobiz.simulator.fail(kind="refuse", status=302, headers={"location": location})

    with pytest.raises(ProviderError):
        vobiz.adapter.media(recording, "audio")


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/a.mp3",
        "https://vobiz.ai.evil.example/a.mp3",
        "http://media.vobiz.ai/a.mp3",
        "https://[x",
        "x",
    ],
)
def test_credentials_go_to_the_providers_hosts_only(vobiz, url):
    with pytest.raises(Refused, match="credentials were not sent"):
        vobiz.adapter.media(recording_ref(handle={"recording_url": url}), "audio")

    assert vobiz.simulator.requests == []


@pytest.mark.parametrize("host", ["media.vobiz.ai", "recordings.vobiz.ai", "storage.vobiz.ai"])
def test_the_hosts_that_were_seen_get_the_credentials(vobiz, host):
    simulator = vobiz.simulator
    simulator.media_origin = f"https://{host}"
    vobiz.transport().simulators[host] = simulator

    media = vobiz.adapter.media(held(vobiz), "audio")

    assert media.url.startswith(f"https://{host}/v1/Account/")
    assert media.headers


def test_the_starts_address_serves_until_the_row_tells_its_own(vobiz):
    call = vobiz.call()
    recording = vobiz.start(call)
    vobiz.simulator.advance(30)
    vobiz.simulator.end_call(call.external_id)
    vobiz.simulator.advance(5)

    assert vobiz.adapter.media(recording, "audio").url == recording.handle["url"]


def test_an_unknown_address_is_asked_for(vobiz):
    external_id = vobiz.finished()

    media = vobiz.adapter.media(recording_ref(external_id), "audio")

    assert external_id in media.url


def test_a_row_without_an_address_has_no_file(vobiz):
    row = {**fixture("recording_row.json"), "recording_url": ""}
    vobiz.simulator.fail(kind="refuse", status=200, body=json.dumps(row))

    with pytest.raises(NotFound, match="expired"):
        vobiz.adapter.media(recording_ref(RECORDING), "audio")


def test_a_file_that_is_not_there(vobiz):
    recording = held(vobiz)
    vobiz.simulator.delete_elsewhere(recording.external_id)

    with pytest.raises(NotFound, match="deleted, expired"):
        vobiz.adapter.media(recording, "audio")


def test_a_file_of_a_month_ago_is_gone(vobiz):
    recording = held(vobiz)
    vobiz.simulator.advance(31 * 86400)

    with pytest.raises(NotFound):
        vobiz.adapter.media(recording, "audio")


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, CredentialsRefused),
        (403, CredentialsRefused),
        (410, NotFound),
        (500, Unavailable),
        (416, Unavailable),
    ],
)
def test_refusals_of_a_file(vobiz, status, error):
    recording = held(vobiz)
    vobiz.simulator.fail(kind="refuse", status=status)

    with pytest.raises(error) as caught:
        vobiz.adapter.media(recording, "audio")

    assert caught.value.status == status


@pytest.mark.parametrize(
    ("content", "name", "content_type"),
    [
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", "a.mp3", "audio/wav"),
        (b"RIFF\x00\x00\x00\x00AVI fmt ", "a.mp3", "audio/mpeg"),
        (b"ID3\x04", "a.wav", "audio/mpeg"),
        (b"\xff\xe3", "a.wav", "audio/mpeg"),
        (b"\xff\xfb\x90", "a.wav", "audio/mpeg"),
        (b"\xff\x1b\x90", "a.wav", "audio/wav"),
        (b"\xff", "a.wav", "audio/wav"),
        (b"", "a", "audio/mpeg"),
    ],
)
def test_what_a_file_is(content, name, content_type):
    assert sniffed(content, name=name) == content_type


def test_a_long_file_is_only_looked_at(vobiz):
    vobiz.simulator.fail(kind="refuse", status=200, body="ID3" + "x" * 100_000)

    reply = vobiz.adapter._api.peek("http://sim.test/v1/Account/a.mp3", last_byte=15)

    assert reply.content == b"ID3" + b"x" * 13
