"""Random draws that are the same on every machine and in every Python.

They come from SHAKE-128, whose output is a standard, where the methods of `random` may change between versions. A draw
depends only on the seed, the name of what is drawn and the index of the event, so a stream can be entered anywhere.
"""

import hashlib
import sys
from array import array
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

BLOCK = 4096  # draws that are made at once
_BYTES = {"H": 2, "I": 4}
_LARGEST = 2**64 - 1

Width = Literal["H", "I"]  # 16 or 32 bits


@lru_cache(maxsize=256)
def _block(seed: str, number: int, width: Width) -> "array[int]":
    return draws(f"{seed}/{number}", BLOCK, width)


def draws(seed: str, count: int, width: Width) -> "array[int]":
    """`count` unsigned integers of 16 or 32 bits."""
    numbers = array(width, hashlib.shake_128(seed.encode()).digest(count * _BYTES[width]))
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers


def draws_between(seed: str, first: int, last: int, width: Width) -> "array[int]":
    """The draws of the events `first` to before `last`."""
    numbers = array(width)
    while first < last:
        block, start = divmod(first, BLOCK)
        end = min(BLOCK, start + last - first)
        numbers.extend(_block(seed, block, width)[start:end])
        first += end - start
    return numbers


def scattered(indices: Sequence[int]) -> list[str]:
    """Each number below 2**64 as 16 hexadecimal digits that look random; different numbers look different."""
    numbers = array("Q", [(index * 0x9E3779B97F4A7C15 + 0x5851F42D4C957F2D) & _LARGEST for index in indices])
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tobytes().hex(",", 8).split(",") if numbers else []
