"""What an employee can ask for: one file each, so that a listing of this folder is the list of features.

A file `x.py` here defines `CAPABILITY`, a `bot.capability.Capability` named `x`; its words are in
`templates/<language>/x.toml`. Nothing else needs to know of it.
"""

from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType

from bot.capability import Capability, Registry


def find() -> Registry:
    """Import every capability of this folder and return them by name, in the order in which they are shown.

    Raises:
        TypeError: a file does not define a capability of its own name.
    """
    found = {}
    for module in iter_modules(__path__):
        capability = getattr(import_module(f"{__name__}.{module.name}"), "CAPABILITY", None)
        if not isinstance(capability, Capability) or capability.name != module.name:
            raise TypeError(f"handlers/{module.name}.py must define CAPABILITY, a Capability named {module.name!r}")
        found[capability.name] = capability
    return MappingProxyType(dict(sorted(found.items(), key=lambda item: (item[1].rank, item[0]))))
