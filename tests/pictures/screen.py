"""What stands on a terminal after a program has painted on it: as much of a terminal as rich's live tables use."""

import re

#: A control sequence (A: up, K: clear the line, m: colours, h and l: show and hide the cursor), a move, or text.
_TOKEN = re.compile(r"\x1b\[(?P<arguments>[0-9;?]*)(?P<control>[AKmhl])|(?P<move>[\r\n])|(?P<text>[^\x1b\r\n]+)")


def screen(output: str) -> str:
    """The lines at the end, colours still in them. Raises ValueError for a control sequence that is not known here."""
    if unknown := _TOKEN.sub("", output):
        raise ValueError(f"not a control sequence that is known here: {unknown!r}")
    rows, row, returned = [""], 0, False
    for token in _TOKEN.finditer(output):
        match token["control"] or token["move"]:
            case "\r":
                returned = True
            case "\n":
                row, returned = row + 1, False
                rows += [""] * (row + 1 - len(rows))
            case "A":
                row = max(0, row - int(token["arguments"] or 1))
            case "K":
                rows[row], returned = "", False
            case "m" | None:
                rows[row], returned = ("" if returned else rows[row]) + token[0], False
    return "\n".join(rows).rstrip()
