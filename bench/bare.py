"""The baseline of the ack: stock Bolt behind its own ASGI adapter with a listener that only acknowledges."""

import sys
from typing import Any

import uvicorn
from slack_bolt.adapter.asgi.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult

from bench.load import SECRET


async def _authorize(**_: Any) -> AuthorizeResult:
    return AuthorizeResult(enterprise_id=None, team_id="T0NORTHWIND", bot_token="xoxb-bench", bot_user_id="U0BOT")


def main(port: int) -> None:
    """Serve until killed."""
    app = AsyncApp(signing_secret=SECRET, authorize=_authorize, process_before_response=True)

    @app.command("/unlatch")
    async def listener(ack: Any) -> None:
        await ack("ok")

    handler = AsyncSlackRequestHandler(app, path="/slack/events")
    uvicorn.run(handler, host="127.0.0.1", port=port, log_level="error", access_log=False)


if __name__ == "__main__":
    main(int(sys.argv[1]))
