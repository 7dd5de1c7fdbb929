"""A file of settings for the commands."""

from pathlib import Path

from tests.scribe import AUDIT_KEY

TOML = f"""
[okta]
org_url = "https://acme.okta.com"
api_token = "00abc"
[slack]
bot_token = "xoxb-1"
app_token = "xapp-1"
[audit]
key = "{AUDIT_KEY}"
"""


def write(file: Path, top: str) -> Path:
    """A file of settings."""
    file.touch(0o600)
    file.write_text(f"{top}\n{TOML}", "utf-8")
    return file
