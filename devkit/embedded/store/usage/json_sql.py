"""JSON_VALUE and toFloat64OrNull of ClickHouse as DuckDB expressions; domain/json_value.py says the same in Python.

Most values are short texts or plain numbers and cost one parse of the document. Only what the two engines read
differently (null, objects, long numbers and those with an exponent) is looked at twice. An expression may stand several
times in what these functions return: DuckDB computes it once.
"""

from itertools import groupby

from devkit.embedded.domain.jsonpath import Elements, Member, Path, Step

_FLOAT = r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?"
_JSON_NUMBER = r"-?[0-9]+(\.[0-9]+)?(e[+-]?[0-9]+)?"
_SHORTEST_ODD_NUMBER = 18  # 1234567890123456.5, and what no double holds to the last digit
_CONTAINERS = "('OBJECT', 'ARRAY')"
# These two names mean something else in a path of DuckDB's; as JSON pointers they do not.
_POINTERS = {"*": "/*", "": "/"}


def text_sql(data: str, path: Path, text: str | None = None) -> str:
    """The text of JSON_VALUE, never NULL.

    data: a column of JSON text, or empty
    text: what json_extract_string gives for `duckdb_path(path)`, where that is at hand
    """
    if not _is_plain(path):
        return f"coalesce({_first_scalar(data, path)}, '')"
    text = text or _extract(data, path, text=True)
    return (
        f"CASE WHEN {text} IS NOT NULL AND {text}[1] NOT IN ('{{', '[') AND NOT {_may_be_odd_number(text)}"
        f" THEN {text} ELSE {_of_fragment(_extract(data, path))} END"
    )


def float_sql(data: str, path: Path, text: str | None = None) -> str:
    """toFloat64OrNull of JSON_VALUE with NULL for what is not finite. Arguments as above."""
    text = (text or _extract(data, path, text=True)) if _is_plain(path) else text_sql(data, path)
    number = f"TRY_CAST({text} AS DOUBLE)"
    return f"CASE WHEN regexp_full_match({text}, '{_FLOAT}') AND isfinite({number}) THEN {number} END"


def duckdb_path(path: Path) -> str | None:
    """The path in DuckDB's own dialect, where that can say it and it leads to one place."""
    if not _is_plain(path) or any(_needs_pointer(step) for step in path):
        return None
    return "$" + "".join(_step(step) for step in path)


def literal(text: str) -> str:
    """A text as a constant of SQL."""
    return "'" + text.replace("'", "''") + "'"


def _is_plain(path: Path) -> bool:
    return all(isinstance(step, Member) or step.single is not None for step in path)


def _extract(data: str, path: Path, *, text: bool = False) -> str:
    """What a plain path leads to: as JSON, or as text that is NULL for null and for nothing."""
    value = f"nullif({data}, '')"
    pieces = [piece for odd, steps in groupby(path, _needs_pointer) for piece in _pieces(odd, list(steps))] or ["$"]
    for piece in pieces[:-1]:
        value = f"({value} -> {literal(piece)})"
    return f"({value} {'->>' if text else '->'} {literal(pieces[-1])})"


def _pieces(odd: bool, steps: list[Step]) -> list[str]:
    if odd:
        return [_POINTERS[step.name] for step in steps if isinstance(step, Member)]
    return ["$" + "".join(_step(step) for step in steps)]


def _needs_pointer(step: Step) -> bool:
    return isinstance(step, Member) and step.name in _POINTERS


def _step(step: Step) -> str:
    if isinstance(step, Elements):
        return f"[{step.single}]"
    name = step.name.replace("\\", "\\\\").replace('"', '\\"')
    return f'."{name}"'


def _may_be_odd_number(text: str) -> str:
    return (
        f"({text} >= '-' AND {text} < ':' AND (length({text}) >= {_SHORTEST_ODD_NUMBER} OR contains({text}, 'e')"
        f" OR starts_with({text}, '0.000') OR starts_with({text}, '-0.000'))"
        f" AND regexp_full_match({text}, '{_JSON_NUMBER}'))"
    )


def _of_fragment(fragment: str) -> str:
    """The text of a piece of JSON. A list of one gives the piece a name without computing it for every row."""
    text = "(_f ->> '$')"
    with_exponent = f"regexp_replace(CAST(CAST({text} AS DOUBLE) AS VARCHAR), '\\.?0*e', 'e')"
    shortest = rf"regexp_replace({with_exponent}, '^(-?)0\.000([1-9])$', '\1\2e-04')"
    double = f"CASE WHEN regexp_matches({text}, '[.e]') THEN {shortest} ELSE {text} END"
    return (
        f"list_transform([{fragment}], lambda _f: CASE json_type(_f) WHEN 'NULL' THEN 'null'"
        f" WHEN 'DOUBLE' THEN {double} WHEN 'OBJECT' THEN '' WHEN 'ARRAY' THEN ''"
        f" ELSE coalesce({text}, '') END)[1]"
    )


def _first_scalar(data: str, path: Path) -> str:
    """The text of the first scalar of all that the path leads to; NULL where there is none."""
    found = f"[CAST(nullif({data}, '') AS JSON)]"
    for plain, steps in groupby(path, lambda step: _is_plain((step,))):
        if plain:
            inner = _extract("CAST(_e AS VARCHAR)", tuple(steps))
            found = f"list_transform({found}, lambda _e: {inner})"
            continue
        for step in steps:
            assert isinstance(step, Elements)
            found = f"flatten(list_transform({found}, lambda _e: {_sliced(step)}))"
    scalars = f"list_filter({found}, lambda _e: json_type(_e) NOT IN {_CONTAINERS})"
    return _of_fragment(f"{scalars}[1]")


def _sliced(step: Elements) -> str:
    elements = "(_e -> '$[*]')"
    slices = [elements if end is None else f"{elements}[{start + 1}:{end}]" for start, end in step.ranges]
    return slices[0] if len(slices) == 1 else f"flatten([{', '.join(slices)}])"
