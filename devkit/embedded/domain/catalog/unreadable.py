"""What a body says within the schema and still cannot be read: a duration, above all."""

from devkit.embedded.domain.durations import Duration, DurationError, parse


class Unreadable(Exception):  # noqa: N818 - the caller decides which refusal becomes of it
    """`text` is the whole chain of reasons; `validation` is its part from a validation error on, where there is one.

    Creating a plan refuses with the whole chain; elsewhere only a validation error refuses, and the rest is a 500.
    """

    def __init__(self, text: str, validation: str = "") -> None:
        super().__init__(text)
        self.text = text
        self.validation = validation

    def within(self, words: str) -> "Unreadable":
        """The same with what was being read in front."""
        return Unreadable(f"{words}: {self.text}", self.validation)


def duration(text: str, words: str) -> Duration:
    """Reads a duration. Raises Unreadable."""
    try:
        return parse(text)
    except DurationError as error:
        raise Unreadable(f"{words}: {error}") from error


def invalid(reason: str) -> Unreadable:
    """Unreadable because of a validation error."""
    return Unreadable(f"validation error: {reason}", reason)
