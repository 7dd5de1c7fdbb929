"""The composition root: the only place that makes HTTP clients, the Redis client and Bolt, and hands them down.

What is made here is closed here, in the opposite order. One process can be the Slack edge, a worker, or both; they
share nothing but Redis.
"""


