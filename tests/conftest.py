"""What all tests share."""

pytest_plugins = ["tests.bot.redis_fixtures"]
