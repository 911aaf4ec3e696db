"""Base64 as Go's encoding/base64 reads it: strict padding, line ends ignored, and the place where it goes wrong."""

import base64
import re

_NOT_ALPHABET = re.compile(rb"[^A-Za-z0-9+/]")


class IllegalBase64Error(ValueError):
    """The text is Go's."""

    def __init__(self, at: int) -> None:
        super().__init__(f"illegal base64 data at input byte {at}")


def decode(text: bytes) -> bytes:
    """The bytes that the text stands for. Raises IllegalBase64Error."""
    places = [at for at, byte in enumerate(text) if byte not in b"\r\n"]
    letters = bytes(text[at] for at in places)
    found = _NOT_ALPHABET.search(letters)
    end = found.start() if found else len(letters)
    if letters[end:] != b"=" * (-end % 4) or end % 4 == 1:
        raise IllegalBase64Error(_fault(letters, end, [*places, len(text)]))
    return base64.b64decode(letters)


def _fault(letters: bytes, end: int, places: list[int]) -> int:
    """Where Go sees the fault. end: how many letters there are before the first that is none, or before the end."""
    over = end % 4
    if end == len(letters):
        return places[end] - over
    if letters[end : end + 1] != b"=" or over < 2:
        return places[end]
    if over == 2 and letters[end + 1 : end + 2] != b"=":
        return places[end + 1] - (end + 1 < len(letters))
    return places[end + 4 - over]
