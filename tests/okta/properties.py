"""How properties are tested here: a machine that is busy with other things is no counter-example."""

from typing import Final

from hypothesis import HealthCheck, settings

patient: Final = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""Put on every property: no example fails for its time, only for what it shows."""
