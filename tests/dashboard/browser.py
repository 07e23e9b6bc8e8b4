"""What browser tests share: signing in without the form, axe, and what the browser complained of."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from django.test import Client

# Only what is wrong is told in full: to describe all that is right takes most of the time.
WCAG = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
VIOLATIONS = "rules => axe.run(rules).then(results => results.violations)"
COLOURS = {"runOnly": ["color-contrast", "link-in-text-block"], "resultTypes": ["violations"]}


def sign_in(page: Any, live_server: Any, user: Any) -> None:
    client = Client()
    client.force_login(user)
    session = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])


def held_back(page: Any, script: str) -> list[Any]:
    """What is asked of this script waits here; continue each, and it comes late."""
    held: list[Any] = []

    def hold(route: Any) -> None:
        held.append(route)

    page.route(script, hold)
    return held


def complaints(page: Any) -> list[str]:
    """Fills as the page runs: errors of scripts and refusals of the content security policy."""
    found: list[str] = []
    page.on("console", lambda message: found.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: found.append(str(error)))
    return found


def barriers(page: Any) -> list[str]:
    """What axe finds in light, and what the colours of the dark add to it."""
    found = []
    page.evaluate(Axe().axe_script)
    for scheme, rules in (("light", WCAG), ("dark", COLOURS)):
        # What is still fading in is no barrier; axe takes a dialog that does for none.
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        for violation in page.evaluate(VIOLATIONS, rules):
            where = "; ".join(node["html"] for node in violation["nodes"])
            found.append(f"{scheme}: {violation['id']}: {violation['help']}: {where}")
    page.emulate_media(reduced_motion="null")
    return found
