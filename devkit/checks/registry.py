"""Where the checks are: every function with @check in the module named like its API tag."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from devkit import checks
from devkit.checks.scene import Scene
from devkit.core.contract import contract
from devkit.core.errors import UsageError

Proof = Callable[[Scene], None]


@dataclass(frozen=True)
class Check:
    """One thing that a server must do. `operations` are those that it exercises, by id."""

    name: str
    tag: str
    title: str
    operations: tuple[str, ...]
    proof: Proof


@dataclass(frozen=True)
class _Declared:
    title: str
    operations: tuple[str, ...]


def check(title: str, *, operations: tuple[str, ...]) -> Callable[[Proof], Proof]:
    """Makes a function a check. title: what it proves, a sentence; operations: what it calls to prove it."""

    def declare(proof: Proof) -> Proof:
        proof.__dict__["check"] = _Declared(title, operations)
        return proof

    return declare


def all_checks() -> list[Check]:
    """Every check, in the order of the contract's tags and of the source."""
    found = []
    for tag in contract().tags:
        for module in _modules(tag):
            found += _checks_in(module, tag)
    return found


def checks_of(tags: Sequence[str]) -> list[Check]:
    """The checks of these tags (all where none is given). Raises UsageError naming the nearest tag that has checks."""
    known = all_checks()
    wanted = {_find_tag(tag, {one.tag for one in known}) for tag in tags}
    return [one for one in known if not tags or one.tag in wanted]


def module_name(tag: str) -> str:
    """`lookup_information` of `Lookup Information`."""
    return tag.replace(":", "").replace("-", " ").replace(" ", "_").lower()


def _modules(tag: str) -> list[str]:
    """The tag's module, or the modules of its package."""
    name = f"{checks.__name__}.{module_name(tag)}"
    if module_name(tag) not in {info.name for info in pkgutil.iter_modules(checks.__path__)}:
        return []
    inside = getattr(importlib.import_module(name), "__path__", None)
    return [name] if inside is None else [f"{name}.{info.name}" for info in pkgutil.iter_modules(inside)]


def _checks_in(module: str, tag: str) -> list[Check]:
    found = []
    for name, proof in vars(importlib.import_module(module)).items():
        declared = getattr(proof, "check", None)
        if inspect.isfunction(proof) and isinstance(declared, _Declared) and proof.__module__ == module:
            full = f"{module_name(tag)}/{name.replace('_', '-')}"
            found.append(Check(full, tag, declared.title, declared.operations, proof))
    return found


def _find_tag(given: str, having: set[str]) -> str:
    names = {module_name(tag): tag for tag in having}
    wanted = module_name(given.strip())
    if wanted in names:
        return names[wanted]
    choices = ", ".join(sorted(having))
    near = get_close_matches(wanted, names, n=1, cutoff=0.5)
    hint = f"did you mean {names[near[0]]}? The tags: {choices}" if near else f"the tags: {choices}"
    raise UsageError(f"there is no API tag {given!r}", hint=hint)
