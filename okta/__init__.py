"""Okta's API as typed coroutines, and nothing about Slack or about the bot: only the calls and fields that are used."""
