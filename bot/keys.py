"""The names of everything the bot keeps in Redis, in one place because several modules and their scripts share them.

All carry one hash tag, so that in a cluster they lie in one slot and a script may touch a record and its doorbell
together (https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#hash-tags).
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Keys:
    """Names made from one prefix; tests that share a server take prefixes of their own.

    Args:
        prefix: goes in front of every name; must hold a hash tag.
    """

    prefix: str = "{unlatch}:"

    @property
    def bells(self) -> str:
        """The stream of doorbells."""
        return f"{self.prefix}bells"

    @property
    def due(self) -> str:
        """The sorted set of due-times: request ids by epoch seconds."""
        return f"{self.prefix}due"

    @property
    def fails(self) -> str:
        """The hash of attempts that came to nothing, by request id."""
        return f"{self.prefix}fails"

    @property
    def dead(self) -> str:
        """The list of what was given up, for a person to look at."""
        return f"{self.prefix}dead"

    @property
    def notes(self) -> str:
        """The stream of doorbells of notes."""
        return f"{self.prefix}notes"

    @property
    def notes_due(self) -> str:
        """The due-times of notes."""
        return f"{self.prefix}notes:due"

    def note(self, note_id: str) -> str:
        """One note that is to be told."""
        return f"{self.prefix}note:{note_id}"

    @property
    def audit(self) -> str:
        """The stream of audit entries."""
        return f"{self.prefix}audit"

    @property
    def audit_head(self) -> str:
        """How far the chain of the audit has come. Its script makes the name itself."""
        return f"{self.audit}:head"

    def audit_name(self, digest: str) -> str:
        """What a digest in the audit stands for. Likewise."""
        return f"{self.audit}:name:{digest}"

    def audit_of(self, digest: str) -> str:
        """Where in the audit it is about somebody. Likewise."""
        return f"{self.audit}:of:{digest}"

    @property
    def settings(self) -> str:
        """What was in force when the bot was last started."""
        return f"{self.prefix}settings"

    @property
    def installation(self) -> str:
        """The mark of the bot whose server this is."""
        return f"{self.prefix}installation"

    def allowance(self, credential: str, bucket: str) -> str:
        """What is left of a rate limit of Okta's for one credential."""
        return f"{self.prefix}allowance:{credential}:{bucket}"

    def record(self, request_id: str) -> str:
        """The hash of one request."""
        return f"{self.prefix}req:{request_id}"

    def inbox(self, request_id: str) -> str:
        """The list of signals on their way to one request."""
        return f"{self.prefix}inbox:{request_id}"

    def seen(self, key: str) -> str:
        """The mark that one delivery from Slack was taken in."""
        return f"{self.prefix}seen:{key}"

    def busy(self, okta_id: str) -> str:
        """Which request is writing to this Okta user."""
        return f"{self.prefix}busy:{okta_id}"

    @property
    def brake(self) -> str:
        """The brake; it is on if this is there."""
        return f"{self.prefix}brake"

    @property
    def strangers(self) -> str:
        """Who asked and matched nobody, by time."""
        return f"{self.prefix}strangers"

    def pin(self, slack: str) -> str:
        """Which Okta user this Slack user is."""
        return f"{self.prefix}pin:{slack}"

    def pinned(self, okta_id: str) -> str:
        """Which Slack user this Okta user is."""
        return f"{self.prefix}pinned:{okta_id}"

    def tally(self, count: str, okta_id: str) -> str:
        """How often something happened lately to this Okta user."""
        return f"{self.prefix}tally:{count}:{okta_id}"

    def followed(self, user_id: str, capability: str) -> str:
        """Which request of this member is looking whether they did their part of this capability."""
        return f"{self.prefix}followed:{user_id}:{capability}"

    def open(self, user_id: str, capability: str) -> str:
        """Which request of this member is asking about this capability. Only members of the home get so far."""
        return f"{self.prefix}open:{user_id}:{capability}"
