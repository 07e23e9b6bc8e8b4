from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.urls import path
from django.utils import timezone

from dashboard.middleware import CONTENT_SECURITY_POLICY, activate_time_zone
from dashboard.models import User
from dashboard.urls import urlpatterns as product_urls


def noon():
    return HttpResponse(f"{timezone.localtime(datetime(2026, 1, 1, 12, tzinfo=UTC)):%H:%M}")


def closed(request):
    return noon()


@login_not_required
def opened(request):
    if "zone" in request.GET:
        activate_time_zone(request)
    return noon()


@login_not_required
def own_policy(request):
    return HttpResponse(headers={"Content-Security-Policy": "sandbox"})


def hook(request):
    return HttpResponse(str([name for name in ("session", "user", "htmx") if hasattr(request, name)]))


urlpatterns = [
    path("closed/", closed),
    path("opened/", opened),
    path("own-policy/", own_policy),
    path("webhooks/fake/key/", hook),
    *product_urls,
]
pytestmark = pytest.mark.urls(__name__)


@pytest.fixture
def berliner(db):
    return User.objects.create_user("berliner", time_zone="Europe/Berlin")


def test_webhooks_meet_neither_session_nor_user(client):
    response = client.post("/webhooks/fake/key/", headers={"host": "anything.example"})

    assert response.content == b"[]"
    assert "set-cookie" not in response.headers


def test_unknown_webhook_address_is_404(client):
    assert client.post("/webhooks/fake/").status_code == 404


def test_new_view_is_closed_by_default(client, db):
    response = client.get("/closed/?page=2")

    assert response.status_code == 302
    assert response.headers["Location"] == "/sign-in/?next=/closed/%3Fpage%3D2"


def test_htmx_request_after_logout_moves_the_whole_page(client, db):
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/recordings/?status=failed"}

    response = client.get("/closed/", headers=headers)

    assert response.status_code == 200
    assert response.headers["HX-Redirect"] == "/sign-in/?next=/recordings/%3Fstatus%3Dfailed"


def test_htmx_request_of_another_host_goes_to_the_start_page(client, db):
    headers = {"HX-Request": "true", "HX-Current-URL": "https://elsewhere.example/page"}

    assert client.get("/closed/", headers=headers).headers["HX-Redirect"] == "/sign-in/?next=/"


def test_htmx_request_with_login_gets_its_answer(client, berliner):
    client.force_login(berliner)

    response = client.get("/closed/", headers={"HX-Request": "true"})

    assert "HX-Redirect" not in response.headers


def test_pages_carry_the_policy(client):
    assert client.get("/opened/").headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert "unsafe" not in CONTENT_SECURITY_POLICY


def test_view_may_choose_a_stricter_policy(client):
    assert client.get("/own-policy/").headers["Content-Security-Policy"] == "sandbox"


def test_times_are_in_the_zone_of_the_operator(client, berliner):
    client.force_login(berliner)

    assert client.get("/closed/").content == b"13:00"


def test_zone_ends_with_the_request(client, berliner):
    client.force_login(berliner)

    client.get("/closed/")

    assert timezone.get_current_timezone() == ZoneInfo("UTC")


def test_view_without_login_reads_no_user_unless_it_asks(client, berliner, django_assert_num_queries):
    client.force_login(berliner)

    with django_assert_num_queries(0):
        assert client.get("/opened/").content == b"12:00"
    assert client.get("/opened/?zone").content == b"13:00"


def test_nobody_has_no_zone(client, db):
    assert client.get("/opened/?zone").content == b"12:00"


def test_time_zone_must_exist():
    user = User(username="someone", password="x", time_zone="Europe/Berlin")
    user.full_clean(exclude=["username"], validate_unique=False)

    user.time_zone = "Europe/Atlantis"

    with pytest.raises(ValidationError, match="Atlantis"):
        user.full_clean(exclude=["username"], validate_unique=False)


def test_admin_pages_need_nothing_inline(client, admin_user):
    client.force_login(admin_user)

    for address in ("/admin/", "/admin/auth/group/", "/admin/auth/group/add/"):
        page = client.get(address).content.decode()
        assert "<style" not in page
        assert "<script>" not in page
        assert ' style="' not in page
