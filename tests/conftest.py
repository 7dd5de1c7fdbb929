"""What all tests share."""

import pytest

pytest_plugins = ["tests.bot.redis_fixtures"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """What can be asked of the tests besides."""
    parser.addoption("--every-await", action="store_true", help="let the kill tests leave out no point (takes an hour)")
