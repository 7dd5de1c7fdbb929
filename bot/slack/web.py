"""Slack's Web API, without what the SDK around it does by itself."""

import logging
from typing import Final

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

LIMIT: Final = aiohttp.ClientTimeout(total=10, connect=3)
"""Seconds that a call may take."""


def web_client(token: str, api_url: str, session: aiohttp.ClientSession) -> AsyncWebClient:
    """A client that signs its calls with the token, and sends them over the session."""
    return AsyncWebClient(
        token=token,
        base_url=api_url,
        session=session,
        # The SDK's own retries post a second time what may have been posted.
        retry_handlers=[],
        logger=silent("slack_sdk"),
    )


def silent(name: str) -> logging.Logger:
    """A logger for a library that logs payloads, tokens or addresses when it has something to say; we say it ourselves."""
    logger = logging.getLogger(f"{__name__}.{name}")
    logger.setLevel(logging.CRITICAL)
    return logger
