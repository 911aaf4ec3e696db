"""Query parameters that carry JSON text, read into Go's types: what does not fit is refused in encoding/json's words."""

from collections.abc import Callable
from typing import Any

from devkit.core.contract import Contract, Schema
from devkit.embedded.domain.errors import Malformed
from devkit.embedded.http import go_json, go_types
from devkit.embedded.http.queries import Query


def binder(contract: Contract, name: str, schema: Schema) -> Callable[[Query], Any]:
    """Reads the parameter; an empty one counts as absent, of several the first counts."""
    kind = go_types.of(contract, schema)

    def bind(given: Query) -> Any:
        text = given.get(name, [""])[0]
        if not text:
            return None
        try:
            return go_types.read(kind, go_json.decode_whole(text.encode()))
        except (go_json.GoJSONError, go_types.Misfit) as error:
            raise Malformed(
                f"unmarshaling param {name}: Error unmarshaling parameter {name} as JSON: {error}"
            ) from None

    return bind


