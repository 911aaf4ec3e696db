"""How a pack says what values a property takes, and the column that draws them.

provider: acme                                        always the same
model: {choice: {small: 7, large: 3}}                 by weight; a list gives all the same chance
items: {integer: {least: 1, most: 9}}                 whole numbers, all alike likely
price: {number: {least: 0, most: 2, decimals: 2}}     numbers, all alike likely
tokens: {lognormal: {median: 400, sigma: 1.1}}        a long tail
session: {pool: {size: 40, prefix: s-, perSubject: true}}   ids out of a pool
request: {unique: {prefix: r-}}                       a new id each time
latency: {by: model, cases: {small: …, large: …}}     depends on another property
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from devkit.core.shapes import Fields, Flag, Number, Problems, Shape, Text, nearest, shown
from devkit.core.yaml_source import Tree
from devkit.streams import columns
from devkit.streams.columns import Column, Constant, Depending, Identifiers, Table

MOST_CHOICES = 10_000
_CUT = {"least": Number("Not below this."), "most": Number("Not above this.")}
_DECIMALS = Number("Digits after the point (0: whole numbers).", whole=True, least=0, most=9)
_PREFIX = Text("What the ids begin with.", shortest=0)


@dataclass(frozen=True)
class Choice:
    """Values by weight, or a list of values that all have the same chance."""

    def read(self, tree: Tree, path: str, problems: Problems) -> dict[str, Any]:
        if isinstance(tree.value, tuple) and tree.value:
            scalars = [item for item in tree.value if not isinstance(item.value, tuple | Mapping | None)]
            if len(scalars) == len(tree.value):
                return {"values": [item.value for item in scalars], "weights": [1] * len(scalars)}
        if isinstance(tree.value, Mapping) and tree.value:
            weight = Number(above=0)
            read = {key: weight.read(child, f"{path}.{key}", problems) for key, child in tree.value.items()}
            return {"values": list(read), "weights": list(read.values())}
        problems.add(tree.place, path, "expected values with weights, or a list of values", "{choice: {a: 3, b: 1}}")
        return {}

    def schema(self) -> dict[str, Any]:
        weights = {"type": "object", "minProperties": 1, "additionalProperties": Number(above=0).schema()}
        scalar = {"type": ["string", "number", "boolean"]}
        return {
            "description": "Values by weight, or a list of equals.",
            "anyOf": [weights, {"type": "array", "minItems": 1, "items": scalar}],
        }


DRAWN: Mapping[str, Shape] = {
    "choice": Choice(),
    "integer": Fields(
        {"least": Number(whole=True), "most": Number(whole=True)}, ("least", "most"), about="Whole numbers, all alike."
    ),
    "number": Fields({**_CUT, "decimals": _DECIMALS}, ("least", "most"), about="Numbers, all alike likely."),
    "lognormal": Fields(
        {
            "median": Number("Half of the values are below.", above=0),
            "sigma": Number("How long the tail is (0.5 short, 1.5 long).", least=0, most=10),
            **_CUT,
            "decimals": _DECIMALS,
        },
        ("median", "sigma"),
        about="Numbers with a long tail.",
    ),
    "pool": Fields(
        {
            "size": Number("How many ids.", whole=True, least=1, most=2**31),
            "prefix": _PREFIX,
            "perSubject": Flag("Each subject has ids of its own."),
        },
        ("size",),
        about="Ids that come again, such as sessions.",
    ),
    "unique": Fields({"prefix": _PREFIX}, about="A new id for each event."),
}


@dataclass(frozen=True)
class PropertyShape:
    """A constant, one of DRAWN, or `by` with `cases`. Reads to {kind: what DRAWN[kind] read}."""

    nested: bool = False  # inside `cases`, where only what makes a table of values can stand

    def read(self, tree: Tree, path: str, problems: Problems) -> dict[str, Any]:
        if isinstance(tree.value, tuple):
            problems.add(tree.place, path, "expected a value or how to draw one, found a list", "{choice: [a, b]}")
            return {}
        if not isinstance(tree.value, Mapping):
            return self._constant(tree, path, problems)
        if "by" in tree.value and not self.nested:
            return {"by": _BY.read(tree, path, problems)}
        known = [kind for kind in DRAWN if not self.nested or kind not in ("pool", "unique")]
        if len(tree.value) != 1 or next(iter(tree.value)) not in known:
            self._unknown(tree, path, known, problems)
            return {}
        kind, child = next(iter(tree.value.items()))
        read = DRAWN[kind].read(child, f"{path}.{kind}", problems)
        if kind in ("integer", "number", "lognormal") and _crossed(read):
            problems.add(child.place, f"{path}.{kind}", "least is above most")
        return {kind: read}

    def _constant(self, tree: Tree, path: str, problems: Problems) -> dict[str, Any]:
        if tree.value is None:
            problems.add(tree.place, path, "is empty; OpenMeter refuses null here", "leave the property out")
        return {"constant": tree.value}

    def _unknown(self, tree: Tree, path: str, known: Sequence[str], problems: Problems) -> None:
        given = tree.value if isinstance(tree.value, Mapping) else {}
        odd = next((key for key in given if key not in known), None)
        place = tree.keys[odd] if odd else tree.place
        hint = (nearest(odd, known) if odd else None) or f"one of {', '.join([*known, 'by'])}"
        problems.add(place, path, f"{odd!r} is no way to draw a value" if odd else f"found {shown(tree)}", hint)

    def schema(self) -> dict[str, Any]:
        kinds = [kind for kind in DRAWN if not self.nested or kind not in ("pool", "unique")]
        drawn = [_one_of(kind) for kind in kinds]
        depending = [] if self.nested else [_BY.schema()]
        return {"anyOf": [{"type": ["string", "number", "boolean"]}, *drawn, *depending]}


def _one_of(kind: str) -> dict[str, Any]:
    properties = {kind: DRAWN[kind].schema()}
    return {"type": "object", "additionalProperties": False, "required": [kind], "properties": properties}


def _crossed(read: Mapping[str, Any]) -> bool:
    least, most = read.get("least"), read.get("most")
    return least is not None and most is not None and least > most


@dataclass(frozen=True)
class Cases:
    """What is drawn for each value of the other property."""

    def read(self, tree: Tree, path: str, problems: Problems) -> dict[str, Any]:
        if not isinstance(tree.value, Mapping):
            problems.add(tree.place, path, f"expected a mapping, found {shown(tree)}")
            return {}
        inner = PropertyShape(nested=True)
        return {key: inner.read(child, f"{path}.{key}", problems) for key, child in tree.value.items()}

    def schema(self) -> dict[str, Any]:
        return {"type": "object", "minProperties": 1, "additionalProperties": PropertyShape(nested=True).schema()}


_BY = Fields(
    {"by": Text("The other property; it stands above and is a choice."), "cases": Cases()},
    ("by", "cases"),
    about="Depends on another property.",
)


def column_of(drawn: Mapping[str, Any], earlier: Mapping[str, Column], subjects: int) -> Column:
    """The column of a property. Raises ValueError where it depends on what is not there."""
    kind, how = next(iter(drawn.items()))
    if kind == "pool":
        return Identifiers(how.get("prefix", ""), how["size"], subjects=subjects if how.get("perSubject") else 1)
    if kind == "unique":
        return Identifiers(how.get("prefix", ""), 0)
    return _depending(how, earlier) if kind == "by" else _table(kind, how)


def _table(kind: str, how: Any) -> Table:
    if kind == "choice":
        if len(how["values"]) > MOST_CHOICES:
            raise ValueError(f"choice has more than {MOST_CHOICES:,} values; a pool draws ids")
        return Table(how["values"], how["weights"])
    if kind == "integer":
        return columns.whole_numbers(how["least"], how["most"])
    if kind == "number":
        return columns.numbers(how["least"], how["most"], how.get("decimals", 0))
    if kind == "lognormal":
        bounds = how.get("least", float("-inf")), how.get("most", float("inf"))
        return columns.lognormal(how["median"], how["sigma"], *bounds, how.get("decimals", 0))
    return Constant(how)


def _depending(how: Mapping[str, Any], earlier: Mapping[str, Column]) -> Depending:
    other = earlier.get(how["by"])
    if not isinstance(other, Table):
        raise ValueError(f"{how['by']!r} is no choice that stands above")  # noqa: TRY004 - a wrong value of the pack
    names = [value if isinstance(value, str) else columns.encode(value) for value in other.values]
    missing = [name for name in names if name not in how["cases"]]
    if missing:
        raise ValueError(f"cases lacks {', '.join(missing)}")
    if extra := [case for case in how["cases"] if case not in names]:
        raise ValueError(f"cases has {', '.join(extra)}, which {how['by']} never is")
    return Depending(how["by"], [_table(*next(iter(how["cases"][name].items()))) for name in names])


def columns_of(data: Mapping[str, Any], subjects: int) -> dict[str, Column]:
    """The columns of all properties. Raises ValueError naming the property that does not work."""
    made: dict[str, Column] = {}
    for name, drawn in data.items():
        try:
            made[name] = column_of(drawn, made, subjects)
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from error
    return made
