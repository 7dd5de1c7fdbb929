"""What `unlatch --help` says of each command."""

from typing import Final

ABOUT: Final = """\
Unlatch helps employees help themselves to their Okta account, in Slack.

To see it work, with nothing to set up:   unlatch demo
To run it for your company:               unlatch check, then unlatch run
"""

DEMO: Final = """\
Run the real bot between an Okta org and a Slack workspace that both live on this machine,
with a page in the browser to talk in. Nothing outside is reached, and nothing stays behind.

With --play, a story is played here in the terminal instead. The command then ends with 0 if
the story ended as told, and with 1 if it did not.
"""

RUN: Final = """\
Run the bot: take in what people ask in Slack, and carry it out. This is all that a company of
thousands needs. It goes on until it is stopped with Ctrl-C or SIGTERM.
"""

WEB: Final = """\
Only take in what Slack sends over HTTP, and leave the work to "unlatch worker". Start as many
as you like behind a load balancer. Needs slack.mode = "http" and redis_url.
"""

WORKER: Final = """\
Only carry out what was taken in by "unlatch run" or "unlatch web". Start as many as you like.
Needs redis_url, the Redis that all of them share.
"""

CHECK: Final = """\
Read the settings and say what they amount to, or everything that is wrong with them at once.
Neither Slack nor Okta is asked, and no secret is shown.
"""

AUDIT: Final = """\
Show what happened: one line for everything that was asked, decided and done, the newest last.
With the reference that stands on a card, only what became of that request.

A line holds the time (UTC), the reference, the event, the Slack id of who caused it, the Okta
login of whom it is about, and the rules it rests on. With --json it holds all that is known.

The embedded store can be read while the bot runs. How long entries are kept: audit_days.
"""

DOCTOR: Final = """\
Look at the store, Slack and Okta as they are now, and say how each stands and what to put right,
and where. Nothing is changed and nothing is posted: Okta sees only reads (and, for a service app,
the requests for a token and about it). No secret is shown.

It ends with 0 if all is well (warnings may be shown), with 1 if something does not work or is
unsafe, and with 2 if it could not look: the settings cannot be used, or nothing answers.
"""
