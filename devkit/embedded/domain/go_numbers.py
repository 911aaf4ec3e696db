"""Doubles as Go prints them."""

from decimal import Decimal


def json_number(value: float) -> str:
    """As encoding/json does: shortest digits, an exponent below 1e-6 and from 1e21 on. ValueError for no finite one."""
    sign, digits, point = _shortest(value)
    if digits == "0" or -6 < point <= 21:
        return sign + _plain(digits, point)
    return sign + _scientific(digits, point, exponent_digits=1)


def general(value: float) -> str:
    """As the verb %v does: shortest digits, an exponent below 1e-4 and from 1e6 on."""
    sign, digits, point = _shortest(value)
    if digits == "0" or -4 < point <= 6:
        return sign + _plain(digits, point)
    return sign + _scientific(digits, point, exponent_digits=2)


def _shortest(value: float) -> tuple[str, str, int]:
    """Sign, shortest digits without zeros at the end, and how many of them stand before the point."""
    number = Decimal(repr(value)).as_tuple()
    if not isinstance(number.exponent, int):
        raise ValueError("JSON has no infinity and no NaN")  # noqa: TRY004 - a wrong value, not a wrong type
    digits = "".join(map(str, number.digits)).lstrip("0")
    point = len(digits) + number.exponent
    return "-" * number.sign, digits.rstrip("0") or "0", point


def _plain(digits: str, point: int) -> str:
    if digits == "0":
        return "0"
    if point <= 0:
        return f"0.{'0' * -point}{digits}"
    if point >= len(digits):
        return digits + "0" * (point - len(digits))
    return f"{digits[:point]}.{digits[point:]}"


def _scientific(digits: str, point: int, exponent_digits: int) -> str:
    exponent = point - 1
    mantissa = f"{digits[0]}.{digits[1:]}" if len(digits) > 1 else digits
    return f"{mantissa}e{'-' if exponent < 0 else '+'}{abs(exponent):0{exponent_digits}d}"
