import pytest

from dashboard.models import User
from tests import conftest


@pytest.fixture
def refused(page):
    """Returns what the browser said of the content security policy so far."""
    messages = []
    page.on("console", lambda message: messages.append(message.text))
    page.on("pageerror", lambda error: messages.append(str(error)))
    return lambda: [text for text in messages if "Content Security Policy" in text]


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_django_admin_works_under_the_policy(live_server, page, refused):
    User.objects.create_superuser("root", password="correct horse battery")
    page.goto(f"{live_server.url}/admin/")
    page.get_by_label("Username").fill("root")
    page.get_by_label("Password").fill("correct horse battery")
    page.get_by_role("button", name="Sign in").click()

    page.get_by_role("link", name="Groups").first.click()
    page.get_by_role("link", name="Add group").first.click()
    page.get_by_label("Name:", exact=True).fill("Night shift")
    page.get_by_role("button", name="Save", exact=True).click()

    page.get_by_text("was added successfully").wait_for()
    assert refused() == []


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_inline_script_is_refused(live_server, page, refused):
    page.goto(f"{live_server.url}/admin/login/")

    page.evaluate(
        "document.head.append(Object.assign(document.createElement('script'), {text: 'window.ran = 1'}))"
    )

    assert page.evaluate("window.ran") is None
    assert len(refused()) == 1


def test_missing_chromium_skips_the_tests_of_a_user(monkeypatch):
    monkeypatch.setattr(conftest, "CHROMIUM", "/nowhere/chromium")
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.delenv("TAPEDECK_REQUIRE_BROWSER", raising=False)

    with pytest.raises(pytest.skip.Exception, match="apt-get install chromium"):
        conftest.chromium_launch_args()


@pytest.mark.parametrize("name", ["CI", "TAPEDECK_REQUIRE_BROWSER"])
def test_missing_chromium_fails_where_it_is_required(monkeypatch, name):
    monkeypatch.setattr(conftest, "CHROMIUM", "/nowhere/chromium")
    monkeypatch.setenv(name, "1")

    with pytest.raises(pytest.fail.Exception, match="apt-get install chromium"):
        conftest.chromium_launch_args()
