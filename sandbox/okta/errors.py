"""Okta's error codes: each with its HTTP status and its words, in the one shape Okta gives them.

Codes, statuses and summaries are those of https://developer.okta.com/docs/reference/error-codes/ and of the answers recorded in the
tests of Okta's Python SDK (https://pypi.org/project/okta/ 3.4.6).
"""

from __future__ import annotations

from typing import Any

_ERRORS: dict[str, tuple[int, str]] = {
    "E0000001": (400, "Api validation failed: {0}"),
    "E0000003": (400, "The request body was not well-formed."),
    "E0000005": (403, "Invalid session"),
    "E0000006": (403, "You do not have permission to perform the requested action"),
    "E0000007": (404, "Not found: Resource not found: {0}"),
    "E0000008": (404, "The requested path was not found"),
    "E0000009": (500, "Internal Server Error"),
    "E0000010": (503, "Service is in read only mode"),
    "E0000011": (401, "Invalid token provided"),
    "E0000015": (401, "You do not have permission to access the feature you are requesting"),
    "E0000016": (403, "Activation failed because the user is already active"),
    "E0000017": (403, "Password reset failed"),
    "E0000021": (400, "Bad request. Accept and/or Content-Type headers likely do not match supported values."),
    "E0000022": (405, "The endpoint does not support the provided HTTP method"),
    "E0000028": (400, "The request is missing a required parameter."),
    "E0000029": (400, "Invalid paging request."),
    "E0000030": (
        400,
        "Invalid date. Dates must be of the form yyyy-MM-dd'T'HH:mm:ss.SSSZZ, e.g. 2013-01-01T12:00:00.000-07:00.",
    ),
    "E0000031": (400, "Invalid search criteria."),
    "E0000032": (403, "Unlock is not allowed for this user."),
    "E0000033": (400, "Invalid search request. Search and filter can't be used together."),
    "E0000034": (403, "Forgot password not allowed on specified user."),
    "E0000038": (403, "This operation is not allowed in the user's current status."),
    "E0000041": (400, "Credentials should not be set on this resource based on the scheme."),
    "E0000047": (429, "API call exceeded rate limit due to too many requests."),
    "E0000053": (400, "Invalid filter: {0}"),
    "E0000062": (409, "The specified user is already assigned to the application."),
    "E0000068": (403, "Invalid Passcode/Answer"),
    "E0000069": (403, "User Locked"),
    "E0000075": (403, "Cannot modify the {0} attribute because it has a field mapping and profile push is enabled."),
    "E0000080": (403, "The password does not meet the complexity requirements of the current password policy."),
    "E0000082": (403, "Each code can only be used once. Please wait for a new code and try again."),
    "E0000083": (403, "PassCode is valid but exceeded time window."),
    "E0000087": (403, "The recovery question answer did not match our records."),
    "E0000105": (403, "You have accessed an account recovery link that has expired or been previously used."),
    "E0000107": (403, "Cannot perform this operation because the entity is not in the expected state."),
    "E0000109": (429, "An SMS message was recently sent. Please wait 30 seconds before trying again."),
    "E0000110": (403, "You have accessed a link that has expired or has been previously used."),
    "E0000112": (409, "Unable to update the user. This operation is not allowed while the user is being activated."),
    "E0000117": (403, "Cannot modify/read application when user is not active."),
    "E0000118": (429, "An email was recently sent. Please wait 5 seconds before trying again."),
    "E0000119": (403, "Your account is locked. Please contact your administrator."),
    "E0000180": (423, "Factor id is currently not active."),
    "E0000181": (503, "The service is temporarily unavailable."),
}

_ONE_CAUSE = frozenset({"E0000041"})
"""Codes whose `errorCauses` is the one cause itself, in no list, by the example in Okta's description."""


class OktaError(Exception):
    """What Okta refuses or fails to do.

    Args:
        code: Okta's code, such as E0000032.
        subject: what the summary speaks of, where it has a place for it.
        causes: `errorSummary` of each of the `errorCauses`.
        headers: to be sent besides the usual ones.
        status: where it is not the code's own.
    """

    def __init__(
        self,
        code: str,
        subject: str = "",
        *,
        causes: tuple[str, ...] = (),
        headers: tuple[tuple[str, str], ...] = (),
        status: int | None = None,
    ) -> None:
        usual, summary = _ERRORS[code]
        self.status = status or usual
        self.code = code
        self.summary = summary.format(subject)
        self.causes = causes
        self.headers = headers
        super().__init__(f"{code} {self.summary}")

    def body(self, error_id: str) -> dict[str, Any]:
        """The JSON that Okta answers with."""
        causes = [{"errorSummary": cause} for cause in self.causes]
        return {
            "errorCode": self.code,
            "errorSummary": self.summary,
            "errorLink": self.code,
            "errorId": error_id,
            "errorCauses": causes[0] if self.code in _ONE_CAUSE else causes,
        }


class OAuthError(Exception):
    """What the token endpoint refuses, in OAuth's words and not in Okta's (RFC 6749, section 5.2).

    Args:
        error: OAuth's code, such as invalid_client, which is the only one with 401; access_denied is 403, all others are 400.
        description: Okta's sentence.
        headers: to be sent besides the usual ones.
    """

    def __init__(self, error: str, description: str, *, headers: tuple[tuple[str, str], ...] = ()) -> None:
        self.status = {"invalid_client": 401, "access_denied": 403}.get(error, 400)
        self.body = {"error": error, "error_description": description}
        self.headers = headers
        super().__init__(f"{error} {description}")


class InsufficientScopeError(Exception):
    """The bearer token lacks a scope. Okta answers 403 with a header and no body (https://github.com/okta/okta-sdk-golang/issues/145).

    Args:
        scope: what the operation needs.
    """

    def __init__(self, scope: str) -> None:
        self.scope = scope
        super().__init__(f"the token does not have {scope}")
