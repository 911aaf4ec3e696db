"""One violation of a schema, and its text in kin-openapi's words.

OpenMeter reports the first violation; where a oneOf or allOf stands around it, it reports each part of that instead.
kin-openapi ends a violation with a dump of schema and value. That dump is left out: DUMP marks where it would stand,
because it also hides what follows it up to the next part.
"""

import re

DUMP = "\0"
_HIDDEN = re.compile(DUMP + r".*?(?=\n? \| |\Z)", re.DOTALL)


class Violation:
    """reason: the text of a plain violation, before a dump. origin: a text that stands instead of it, without a dump.

    parts: what the members of a oneOf or allOf said; their texts are frozen in `origin` as they were at that moment,
    while their paths go on growing.
    """

    __slots__ = ("origin", "parts", "path", "reason")

    def __init__(self, reason: str, *, origin: str | None = None, parts: tuple["Violation", ...] = ()) -> None:
        self.reason = reason
        self.origin = origin
        self.parts = parts
        self.path: list[str] = []

    def below(self, key: str) -> "Violation":
        """The same violation seen from one level up."""
        self.path.append(key)
        for part in self.parts:
            part.below(key)
        return self

    def text(self) -> str:
        """The whole text, with its marks of dumps."""
        place = f'Error at "/{"/".join(reversed(self.path))}": ' if self.path else ""
        return place + (f"{self.reason}{DUMP}\n" if self.origin is None else self.origin)


def combined(parts: list[Violation], joint: str) -> Violation:
    """The violation of a oneOf (joint ` Or `) or an allOf (joint ` And `)."""
    text = joint.join(part.text() for part in parts)
    return Violation("", origin=f"doesn't match schema due to: {text}", parts=tuple(parts))


def detail(violation: Violation, lead: str) -> str:
    """The detail of the problem. lead: what stands before a plain violation (`request body has an error: …: `)."""
    if violation.parts:
        return _HIDDEN.sub("", " | ".join(part.text() for part in violation.parts))
    return (lead + violation.text()).split("\n", 1)[0].split(DUMP, 1)[0]
