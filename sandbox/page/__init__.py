"""The demo's web page: a chat as anybody of the cast, and beside it the Okta org they sign in to, their phone and their inbox, live.

It is a window on the twin and has no knowledge of its own: what it shows comes from the twin's snapshots, and what a visitor does goes
through the same hands the tests use. Plain HTML, CSS and JavaScript in `web/`; nothing is built and nothing comes from elsewhere.
"""

from sandbox.page.app import SIGN_IN, page_app
from sandbox.page.switch import Switch

__all__ = ["SIGN_IN", "Switch", "page_app"]
