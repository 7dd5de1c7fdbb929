"""The baseline of a start: stock Bolt in Socket Mode with a listener that only acknowledges."""

import asyncio
import sys
from typing import Any

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

BOT_TOKEN = "xoxb-twin-bot-token"
APP_TOKEN = "xapp-twin-app-token"


async def main(api_url: str) -> None:
    """Serve until killed."""
    app = AsyncApp(client=AsyncWebClient(token=BOT_TOKEN, base_url=api_url), process_before_response=True)

    @app.command("/unlatch")
    async def listener(ack: Any) -> None:
        await ack("ok")

    await AsyncSocketModeHandler(app, APP_TOKEN).start_async()  # type: ignore[no-untyped-call]  # Bolt leaves it without types


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
