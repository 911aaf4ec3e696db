"""How often something may happen."""

from collections.abc import Callable


class Rate:
    """A token bucket: `burst` at once, `a_second` in the long run. now: seconds"""

    def __init__(self, a_second: float, burst: int, now: Callable[[], float]) -> None:
        self._a_second = a_second
        self._burst = burst
        self._now = now
        self._left = float(burst)
        self._at = now()

    def take(self) -> bool:
        """Whether it may happen once more now."""
        now = self._now()
        self._left = min(self._burst, self._left + (now - self._at) * self._a_second)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True
