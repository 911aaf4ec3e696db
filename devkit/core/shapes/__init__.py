"""What values in a YAML file must look like, as data: read with all problems at once, or shown as a JSON schema.

A shape is built from the classes below. `read(shape, tree)` gives plain Python values or raises InputError naming every
problem with file:line:column, the key path and the way out; `Shape.schema()` gives JSON Schema (draft 2020-12).
"""

from devkit.core.shapes.containers import Fields, ListOf, MapOf, Variants
from devkit.core.shapes.problem import InputProblems, Problem, Problems
from devkit.core.shapes.shape import Shape, nearest, read, shown
from devkit.core.shapes.values import Anything, Flag, Nullable, Number, Text

__all__ = [
    "Anything",
    "Fields",
    "Flag",
    "InputProblems",
    "ListOf",
    "MapOf",
    "Nullable",
    "Number",
    "Problem",
    "Problems",
    "Shape",
    "Text",
    "Variants",
    "nearest",
    "read",
    "shown",
]
