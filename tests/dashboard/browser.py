"""What browser tests share: signing in without the form, axe, and what the browser complained of."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from django.test import Client

WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def sign_in(page: Any, live_server: Any, user: Any) -> None:
    client = Client()
    client.force_login(user)
    session = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])


def complaints(page: Any) -> list[str]:
    """Fills as the page runs: errors of scripts and refusals of the content security policy."""
    found: list[str] = []
    page.on("console", lambda message: found.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: found.append(str(error)))
    return found


def barriers(page: Any) -> list[str]:
    """What axe finds, in light and in dark."""
    found = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for violation in Axe().run(page, options=WCAG).response["violations"]:
            where = "; ".join(node["html"] for node in violation["nodes"])
            found.append(f"{scheme}: {violation['id']}: {violation['help']}: {where}")
    return found
