"""Slack, and with the composition root the only place that knows it: what comes in, and what is shown.

A payload comes in by Socket Mode (`socket`) or signed HTTP (`http`), goes through Bolt, is read (`payloads`), stored
and only then acknowledged (`edge`). What the bot shows goes out through `messenger`; who somebody is, `members` asks.
"""
