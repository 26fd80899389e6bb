"""Clocks that a test sets."""


class HandSeconds:
    """A clock that stands still until it is set; it gives seconds."""

    def __init__(self, seconds: float = 1000.0) -> None:
        self.seconds = seconds

    def __call__(self) -> float:
        return self.seconds
