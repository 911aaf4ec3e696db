"""A request to one of Stripe's resources, and the routes that answer it."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from devkit.standins.stripe.account import Account, Object
from devkit.standins.stripe.errors import StripeError
from devkit.standins.stripe.fields import Fields, read
from devkit.standins.stripe.forms import Params


@dataclass(frozen=True)
class Request:
    """A request after routing. ids: the parts of the path that name objects; params: of the query or of the form."""

    account: Account
    params: Params
    ids: tuple[str, ...] = ()
    expand: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return self.ids[0]

    def values(self, fields: Fields) -> Params:
        """The typed parameters. Raises StripeError."""
        return read(self.params, fields)


Handler = Callable[[Request], Any]


@dataclass(frozen=True)
class Route:
    """path: with `{id}` for what names an object."""

    method: str
    path: str
    handler: Handler
    _pattern: re.Pattern[str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        pattern = re.escape(self.path).replace(r"\{id\}", r"(\w+)")
        object.__setattr__(self, "_pattern", re.compile(pattern))

    def match(self, method: str, path: str) -> tuple[str, ...] | None:
        found = self._pattern.fullmatch(path) if method == self.method else None
        return found.groups() if found else None


def answer(routes: Sequence[Route], method: str, path: str, account: Account, params: Params) -> Any:
    """What the resource answers. Raises StripeError."""
    for route in routes:
        if (ids := route.match(method, path)) is not None:
            rest = dict(params)
            expand = rest.pop("expand", ())
            if not isinstance(expand, list | tuple):
                raise StripeError(400, "Invalid array: expand", param="expand")
            return route.handler(Request(account, rest, ids, tuple(map(str, expand))))
    raise StripeError(
        404, f"Unrecognized request URL ({method}: {path}). The stand-in has only what devkit and OpenMeter call."
    )


def expanded(request: Request, thing: Object, extra: Object | None = None) -> Object:
    """A copy with the objects that `expand` asks for in the place of their ids.

    extra: members that are only there when they are asked for
    Raises StripeError for a path that leads nowhere.
    """
    shown = dict(thing)
    for path in request.expand:
        _expand(request.account, shown, path, extra or {})
    return shown


def _expand(account: Account, shown: Object, path: str, extra: Object) -> None:
    holder: Any = shown
    for part in path.split("."):
        if holder is shown and part in extra:
            holder.setdefault(part, extra[part])
        if not isinstance(holder, dict) or part not in holder:
            raise StripeError(400, f"This property cannot be expanded ({path}).", param="expand")
        value = holder[part]
        if isinstance(value, str) and value in account.objects:
            value = dict(account.objects[value])
        elif isinstance(value, dict):
            value = dict(value)
        holder[part] = value
        holder = value
