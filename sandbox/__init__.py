"""A runnable twin of the outside world, an Okta org and a Slack workspace on loopback, so that the bot can be tried and tested whole.

Nothing here imports the bot. A twin that is kinder than the real service is a defect.
"""
