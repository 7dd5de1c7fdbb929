"""Errors that cross more than one part of the bot; those of one part stand in its own module."""


class StoreUnavailableError(Exception):
    """The store did not take, or could not read, what it was given. Nothing was acknowledged."""


class StaleRecordError(Exception):
    """The request has moved on since it was read; read it again."""


class SubjectBusyError(Exception):
    """Another request of the same subject is writing to Okta at this moment."""


class LeaseLostError(Exception):
    """The hold on a request was lost before anything was written; somebody else may have it now."""


class StartError(Exception):
    """The bot cannot start; the text says why and what to do, and holds no secret."""
