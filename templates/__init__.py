"""The words the bot says, per language, and the shapes they take in Slack. No I/O but reading the words once."""
