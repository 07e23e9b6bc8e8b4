"""The engine's world serves the funnel's tests too."""

from tests.engine.conftest import account, fifth, operator, world

__all__ = ["account", "fifth", "operator", "world"]
