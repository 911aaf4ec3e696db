"""JSON as Go's encoding/json reads it: what it lets through, and what it says of what it refuses.

Good input takes the fast way through msgspec. Where that refuses, the bytes are read again as Go does: bad UTF-8
becomes U+FFFD, a decoder leaves what follows the first value alone, nesting ends at 10,000.
"""

import re
from typing import Any

import msgspec

_DEPTH = 10_000
_SPACE = re.compile(rb"[ \t\r\n]*")
_NUMBER = re.compile(rb"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_PLAIN = re.compile(rb'[^"\\\x00-\x1f]*')
_HEX = re.compile(rb"[0-9a-fA-F]*")
_SURROGATES = re.compile("[\ud800-\udbff][\udc00-\udfff]|[\ud800-\udfff]")
_ESCAPES = {0x22: '"', 0x5C: "\\", 0x2F: "/", 0x62: "\b", 0x66: "\f", 0x6E: "\n", 0x72: "\r", 0x74: "\t"}
_LITERALS: dict[int, tuple[bytes, Any]] = {0x74: (b"true", True), 0x66: (b"false", False), 0x6E: (b"null", None)}
_MOST_DIGITS = 400


class GoJSONError(ValueError):
    """Bytes that Go refuses; the text is Go's."""


class _End(Exception):  # noqa: N818 - a turn of the reader, no error yet
    """The bytes ended inside a value."""


def decode_stream(raw: bytes) -> Any:
    """The first value, as json.Decoder reads a body: what follows it does not matter. Raises GoJSONError."""
    try:
        return msgspec.json.decode(raw)
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        pass
    if not raw.strip(b" \t\r\n"):
        raise GoJSONError("EOF")
    try:
        return _Reader(raw).value()
    except _End:
        raise GoJSONError("unexpected EOF") from None


def decode_whole(raw: bytes) -> Any:
    """The only value, as json.Unmarshal reads a parameter. Raises GoJSONError."""
    try:
        return msgspec.json.decode(raw)
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        pass
    reader = _Reader(raw)
    try:
        value = reader.value()
    except _End:
        raise GoJSONError("unexpected end of JSON input") from None
    reader.nothing_left()
    return value


class _Reader:
    """Reads values without recursion: nesting is the caller's choice."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._at = 0

    def value(self) -> Any:
        """One value. Raises GoJSONError or _End."""
        stack: list[dict[str, Any] | list[Any]] = []
        keys: list[str] = []
        while True:
            done, value = self._begin(stack, keys)
            while done:
                if not stack:
                    return value
                done, value = self._place(stack, keys, value)

    def nothing_left(self) -> None:
        """Raises GoJSONError where another byte follows."""
        self._skip()
        if self._at < len(self._raw):
            raise self._bad("after top-level value")

    def _begin(self, stack: list[dict[str, Any] | list[Any]], keys: list[str]) -> tuple[bool, Any]:
        """Starts a value. True with the value where it is complete at once."""
        first = self._peek()
        if first in b"{[":
            return self._open(stack, keys, first)
        if first == 0x22:
            return True, self._string()
        if first in b"-0123456789":
            return True, self._number()
        if first in _LITERALS:
            return True, self._literal(*_LITERALS[first])
        raise self._bad("looking for beginning of value")

    def _open(self, stack: list[dict[str, Any] | list[Any]], keys: list[str], bracket: int) -> tuple[bool, Any]:
        self._at += 1
        if len(stack) >= _DEPTH:
            raise GoJSONError("exceeded max depth")
        container: dict[str, Any] | list[Any] = {} if bracket == 0x7B else []
        if self._peek() == bracket + 2:  # `}` and `]` stand two after their openers
            self._at += 1
            return True, container
        stack.append(container)
        if isinstance(container, dict):
            keys.append(self._key())
        return False, None

    def _place(self, stack: list[dict[str, Any] | list[Any]], keys: list[str], value: Any) -> tuple[bool, Any]:
        """Puts a complete value into what is open. True with the container where that closes it."""
        container = stack[-1]
        after = self._peek()
        if isinstance(container, dict):
            container[keys.pop()] = value
            if after not in b",}":
                raise self._bad("after object key:value pair")
        else:
            container.append(value)
            if after not in b",]":
                raise self._bad("after array element")
        self._at += 1
        if after == 0x2C:
            if isinstance(container, dict):
                keys.append(self._key())
            return False, None
        return True, stack.pop()

    def _key(self) -> str:
        if self._peek() != 0x22:
            raise self._bad("looking for beginning of object key string")
        key = self._string()
        if self._peek() != 0x3A:
            raise self._bad("after object key")
        self._at += 1
        return key

    def _string(self) -> str:
        self._at += 1
        parts: list[str] = []
        while True:
            plain = self._match(_PLAIN)
            parts.append(plain.decode("utf-8", "replace"))
            byte = self._here()
            if byte == 0x22:
                self._at += 1
                return _SURROGATES.sub(_whole_character, "".join(parts))
            if byte != 0x5C:
                raise self._bad("in string literal")
            self._at += 1
            parts.append(self._escape())

    def _escape(self) -> str:
        letter = self._here()
        if letter in _ESCAPES:
            self._at += 1
            return _ESCAPES[letter]
        if letter != 0x75:
            raise self._bad("in string escape code")
        self._at += 1
        digits = _HEX.match(self._raw, self._at, self._at + 4)
        assert digits is not None
        self._at = digits.end()
        if len(digits.group()) < 4:
            self._here()
            raise self._bad("in \\u hexadecimal character escape")
        return chr(int(digits.group(), 16))

    def _number(self) -> int | float:
        found = _NUMBER.match(self._raw, self._at)
        if found is None:
            self._at += 1
            self._here()
            raise self._bad("in numeric literal")
        text = found.group()
        self._at = found.end()
        self._unfinished(text)
        if b"." in text or b"e" in text or b"E" in text or len(text) > _MOST_DIGITS:
            return float(text)
        return int(text)

    def _unfinished(self, text: bytes) -> None:
        """Raises where a fraction or an exponent begins after the number but has no digit."""
        after = self._raw[self._at : self._at + 1]
        if after == b"." and b"." not in text and b"e" not in text.lower():
            self._at += 1
            self._here()
            raise self._bad("after decimal point in numeric literal")
        if after in (b"e", b"E") and b"e" not in text.lower():
            self._at += 1
            if self._here() in b"+-":
                self._at += 1
                self._here()
            raise self._bad("in exponent of numeric literal")

    def _literal(self, word: bytes, value: Any) -> Any:
        for expected in word[1:]:
            self._at += 1
            if self._here() != expected:
                raise self._bad(f"in literal {word.decode()} (expecting {_shown(expected)})")
        self._at += 1
        return value

    def _match(self, expression: re.Pattern[bytes]) -> bytes:
        found = expression.match(self._raw, self._at)
        assert found is not None
        self._at = found.end()
        return found.group()

    def _skip(self) -> None:
        self._match(_SPACE)

    def _peek(self) -> int:
        """The next byte that is no blank."""
        self._skip()
        return self._here()

    def _here(self) -> int:
        if self._at >= len(self._raw):
            raise _End
        return self._raw[self._at]

    def _bad(self, context: str) -> GoJSONError:
        return GoJSONError(f"invalid character {_shown(self._raw[self._at])} {context}")


def _whole_character(found: re.Match[str]) -> str:
    """A pair of surrogates as the one character that it means, a lone one as U+FFFD."""
    pair = found.group()
    return pair.encode("utf-16", "surrogatepass").decode("utf-16") if len(pair) == 2 else "\ufffd"


def _shown(byte: int) -> str:
    """A byte as Go's quoteChar prints it."""
    if byte == 0x27:
        return r"'\''"
    if byte == 0x22:
        return "'\"'"
    named = {7: "\\a", 8: "\\b", 9: "\\t", 10: "\\n", 11: "\\v", 12: "\\f", 13: "\\r", 0x5C: "\\\\"}.get(byte)
    if named is None:
        character = chr(byte)
        code = f"\\x{byte:02x}" if byte < 0x80 else f"\\u{byte:04x}"
        named = character if character.isprintable() else code
    return f"'{named}'"
