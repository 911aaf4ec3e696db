"""Query parameters that carry JSON text, read into Go's types; encoding/json's words refuse what does not fit."""

from collections.abc import Callable
from typing import Any

from devkit.core.contract import Contract, Parameter
from devkit.embedded.domain.errors import Malformed
from devkit.embedded.http import go_json, go_types
from devkit.embedded.http.queries import Query


def binder(contract: Contract, parameter: Parameter) -> Callable[[Query], Any]:
    """Reads the parameter; an empty one counts as absent, of several the first counts."""
    assert parameter.content is not None
    name = parameter.name
    kind = go_types.of(contract, parameter.content)
    if parameter.component:
        kind.name = "api." + "".join(part[:1].upper() + part[1:] for part in parameter.component.split("."))

    def bind(given: Query) -> Any:
        text = given.get(name, [""])[0]
        if not text:
            return None
        try:
            return go_types.read(kind, go_json.decode_whole(text.encode()))
        except (go_json.GoJSONError, go_types.MisfitError) as error:
            raise Malformed(
                f"unmarshaling param {name}: Error unmarshaling parameter {name} as JSON: {error}"
            ) from None

    return bind
