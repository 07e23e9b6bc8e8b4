import stat
from pathlib import Path

import pytest
from django.urls import reverse

from dashboard import setup
from dashboard.models import User

PASSWORD = "correct horse battery"
FIRST = {"username": "ada", "email": "", "password1": PASSWORD, "password2": PASSWORD}


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.TAPEDECK_DATA = tmp_path


def link():
    return setup.setup_link("http://tapedeck.test").removeprefix("http://tapedeck.test")


def test_signing_in_leads_to_the_page_that_was_asked_for(client, viewer):
    asked = client.get("/profile/")
    assert asked.url == "/sign-in/?next=/profile/"

    response = client.post(asked.url, {"username": "viewer", "password": PASSWORD, "next": "/profile/"})

    assert response.url == "/profile/"


def test_wrong_password_keeps_the_name_and_says_so(client, viewer):
    response = client.post("/sign-in/", {"username": "viewer", "password": "wrong"})

    assert 'value="viewer"' in response.content.decode()
    assert "Please enter a correct username and password" in response.content.decode()


def test_who_is_signed_in_needs_no_form(signed_in, viewer):
    assert signed_in(viewer).get("/sign-in/").url == "/"


def test_signing_out_ends_the_session(signed_in, viewer):
    client = signed_in(viewer)

    assert client.post("/sign-out/").url == "/sign-in/"

    assert client.get("/profile/").status_code == 302


def test_profile_changes_zone_and_appearance(signed_in, viewer):
    viewer.preferences = {"other": 1}
    viewer.save()
    client = signed_in(viewer)

    client.post("/profile/", {"time_zone": "Europe/Berlin", "appearance": "dark", "first_name": "Vi"})

    viewer.refresh_from_db()
    assert viewer.time_zone == "Europe/Berlin"
    assert viewer.preferences == {"other": 1, "appearance": "dark"}
    assert 'data-theme="dark"' in client.get("/profile/").content.decode()


def test_unknown_zone_is_refused_at_its_field(signed_in, viewer):
    response = signed_in(viewer).post("/profile/", {"time_zone": "Moon/Tycho", "appearance": ""})

    assert "is not a time zone" in response.content.decode()
    viewer.refresh_from_db()
    assert viewer.time_zone == "UTC"


def test_password_is_changed_and_the_session_stays(signed_in, viewer):
    client = signed_in(viewer)
    new = "battery horse correct"

    response = client.post(
        "/profile/password/", {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    )

    assert response.url == "/profile/"
    assert client.get("/profile/").status_code == 200
    viewer.refresh_from_db()
    assert viewer.check_password(new)


def test_other_sessions_end_with_the_password(signed_in, viewer):
    elsewhere, new = signed_in(viewer), "battery horse correct"
    data = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}

    signed_in(viewer).post("/profile/password/", data)

    assert elsewhere.get("/profile/").status_code == 302


def test_wrong_old_password_changes_nothing(signed_in, viewer):
    data = {"old_password": "wrong", "new_password1": "a b c d e f", "new_password2": "a b c d e f"}

    response = signed_in(viewer).post("/profile/password/", data)

    assert "Your old password was entered incorrectly" in response.content.decode()
    viewer.refresh_from_db()
    assert viewer.check_password(PASSWORD)


# The first administrator.


@pytest.mark.django_db
def test_first_administrator_is_made_signed_in_and_taught_the_first_step(client):
    response = client.post(link(), FIRST, follow=True)

    assert response.redirect_chain == [("/", 302)]
    assert "No account yet" in response.content.decode()
    assert reverse("admin:recordings_account_add") in response.content.decode()
    ada = User.objects.get()
    assert ada.has_perm("recordings.administer_accounts")
    assert not ada.is_superuser


@pytest.mark.django_db
def test_form_is_shown_by_the_link_and_weak_passwords_are_refused(client):
    address = link()

    assert "The first administrator" in client.get(address).content.decode()
    weak = client.post(address, {**FIRST, "password1": "12345678", "password2": "12345678"})

    assert "too common" in weak.content.decode()
    assert not User.objects.exists()


@pytest.mark.django_db
def test_link_is_dead_once_a_user_exists(client):
    address = link()
    client.post(address, FIRST)

    assert client.get(address).status_code == 404
    assert client.post(address, {**FIRST, "username": "eve"}).status_code == 404
    assert setup.setup_link("http://tapedeck.test") == ""
    assert not (Path(setup.settings.TAPEDECK_DATA) / "setup_link").exists()


@pytest.mark.django_db
def test_link_dies_after_an_hour(client, monkeypatch):
    address = link()
    later = setup.time.time() + setup.VALID_SECONDS + 1
    monkeypatch.setattr(setup.time, "time", lambda: later)

    assert client.get(address).status_code == 404


@pytest.mark.django_db
def test_new_link_replaces_the_one_before(client):
    first, second = link(), link()

    assert client.get(first).status_code == 404
    assert client.get(second).status_code == 200


@pytest.mark.django_db
def test_guessed_link_and_no_link_at_all_lead_nowhere(client):
    assert client.get("/setup/guess/").status_code == 404
    link()
    assert client.get("/setup/guess/").status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["", "[]", "{"])
def test_damaged_file_is_no_link(client, text):
    address = link()
    (Path(setup.settings.TAPEDECK_DATA) / "setup_link").write_text(text)

    assert client.get(address).status_code == 404


@pytest.mark.django_db
def test_token_is_kept_as_a_digest_that_only_the_owner_reads():
    token = link().split("/")[2]
    file = Path(setup.settings.TAPEDECK_DATA) / "setup_link"

    assert token not in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.django_db
def test_of_two_who_press_at_once_one_is_made(client, monkeypatch):
    address = link()
    User.objects.create_user("quicker")
    monkeypatch.setattr(setup, "is_valid", lambda token: True)

    assert client.post(address, FIRST).status_code == 404
    assert User.objects.get().username == "quicker"
