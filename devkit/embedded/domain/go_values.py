"""Values as Go's fmt prints them with %#v, which is how some error texts of OpenMeter show what they refuse."""

from typing import Any

from devkit.embedded.domain.go_numbers import general

_ESCAPES = {"\a": "\\a", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v"}
_ESCAPES |= {"\\": "\\\\", '"': '\\"'}


def syntax(value: Any) -> str:
    """Go syntax of decoded JSON: objects are `map[string]interface {}`, numbers doubles."""
    match value:
        case None:
            return "interface {}(nil)"
        case bool():
            return "true" if value else "false"
        case str():
            return quote(value)
        case int() | float():
            return general(float(value))
        case dict():
            inside = ", ".join(f"{quote(key)}:{syntax(value[key])}" for key in sorted(value))
            return f"map[string]interface {{}}{{{inside}}}"
        case _:
            return f"[]interface {{}}{{{', '.join(map(syntax, value))}}}"


def quote(text: str) -> str:
    """strconv.Quote: double quotes, escapes for what cannot be printed."""
    return f'"{"".join(map(_letter, text))}"'


def _letter(letter: str) -> str:
    if letter in _ESCAPES:
        return _ESCAPES[letter]
    if letter.isprintable():
        return letter
    code = ord(letter)
    if code < 0x80:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
