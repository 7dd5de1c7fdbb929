"""What changes the state of a user."""

import re
from collections.abc import Mapping
from typing import Final

import httpx

from okta.answers import one
from okta.calls import WORDS, Part
from okta.errors import Executed, LostAnswerError
from okta.models import LinkAnswer, OneTimeLink

_ADDRESS: Final = re.compile(r"""https?://(?:(?![<>|"\\])[!-~]){1,2000}""")
"""An address that can be shown as a link: nothing in it ends the link, or the line."""


class Lifecycle(Part):
    """Unlocking, recovery and sessions."""

    async def unlock(self, user_id: str) -> None:
        """Unlock a user who is LOCKED_OUT, or ACTIVE and blocked from unknown devices; the password stays.

        Raises:
            StateConflictError: there is nothing to unlock, or Okta does not unlock users of this kind.
        """
        await self._calls.send("unlock", "POST", "/api/v1/users/{}/lifecycle/unlock", user_id)

    async def reset_password(self, user_id: str, *, send_email: bool, revoke_sessions: bool) -> OneTimeLink | None:
        """Make a user's password void at once; until a new one is chosen by a link the user is in RECOVERY.

        Both parameters are always sent, since Okta's defaults have changed.

        Args:
            user_id: whose.
            send_email: whether Okta mails the link; without that it is answered.
            revoke_sessions: whether the user's Okta sessions end too.

        Raises:
            StateConflictError: not in this status, or the password is a directory's.
        """
        params = {"sendEmail": WORDS[send_email], "revokeSessions": WORDS[revoke_sessions]}
        return await self._recover("reset_password", "/api/v1/users/{}/lifecycle/reset_password", user_id, params)

    async def forgot_password(self, user_id: str, *, send_email: bool) -> OneTimeLink | None:
        """Have a link made with which another password is chosen; status and password stay until then.

        Raises:
            StateConflictError: the user is not ACTIVE, has no recovery question, or the org is on Identity Engine.
        """
        params = {"sendEmail": WORDS[send_email]}
        return await self._recover("forgot_password", "/api/v1/users/{}/credentials/forgot_password", user_id, params)

    async def reactivate(self, user_id: str) -> None:
        """Have the activation mail sent again to a user who has not set up their account.

        Raises:
            StateConflictError: the user is not PROVISIONED (nor in RECOVERY).
        """
        params = {"sendEmail": WORDS[True]}
        await self._calls.send("reactivate", "POST", "/api/v1/users/{}/lifecycle/reactivate", user_id, params=params)

    async def clear_sessions(self, user_id: str) -> None:
        """End a user's Okta sessions. Those of the apps they opened go on."""
        await self._calls.send("clear_sessions", "DELETE", "/api/v1/users/{}/sessions", user_id)

    async def _recover(self, operation: str, path: str, user_id: str, params: Mapping[str, str]) -> OneTimeLink | None:
        """Ask for a one-time link; None if it is sent by mail.

        Raises:
            LostAnswerError: there is no link in the answer that a person could open.
        """
        answer = await self._calls.send(operation, "POST", path, user_id, params=params)
        if params["sendEmail"] == WORDS[True]:
            return None
        link = self._link_in(operation, answer)
        del answer  # a traceback shows what a frame holds
        if link is None:
            raise LostAnswerError(operation, executed=Executed.UNKNOWN)
        return link

    def _link_in(self, operation: str, answer: httpx.Response) -> OneTimeLink | None:
        """The link in an answer, if it is an address, and nothing that a message would show as something else."""
        url = one(operation, answer, LinkAnswer, writes=True).reset_password_url or ""
        fits = _ADDRESS.fullmatch(url) and (url.startswith("https:") or self._calls.is_plain)
        return OneTimeLink(url) if fits else None
