"""The commands of `unlatch`, one module each: what `--help` says of it, its options, and what it does.

A command imports what it needs when it is given, so that the others, and the first acknowledgement after a start, do not
wait for it.
"""
