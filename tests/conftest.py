"""What all tests share: no test fails because the machine is busy, and CI tries the same examples every time."""

import os

from hypothesis import HealthCheck, settings

settings.register_profile(
    "marqab", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize="CI" in os.environ
)
settings.load_profile("marqab")
