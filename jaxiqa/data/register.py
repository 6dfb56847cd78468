"""The builders registered with tensorflow-datasets as soon as a program uses both, and not before.

tensorflow-datasets finds a builder by name only after its class was made, and has no other way to
announce one. Importing it here would cost everyone .3 s, or an error where it is not installed. So
where it is imported already the builders are too, and else right after it is.
"""

import importlib
import importlib.abc
import importlib.machinery
import sys

_THEIRS, _OURS = "tensorflow_datasets", "jaxiqa.data.builders"


class _After(importlib.abc.MetaPathFinder):
    """Finds one package as Python would, and has the builders imported behind it."""

    def find_spec(self, name, path=None, target=None):
        found = importlib.machinery.PathFinder.find_spec(name, path) if name == _THEIRS else None
        if found is None or found.loader is None:
            return None
        run = found.loader.exec_module

        def run_both(module):
            run(module)
            importlib.import_module(_OURS)

        found.loader.exec_module = run_both
        return found


def with_tensorflow_datasets() -> None:
    """Registers the builders, now or when tensorflow-datasets is imported."""
    if sys.modules.get(_THEIRS):
        importlib.import_module(_OURS)
    elif not any(isinstance(finder, _After) for finder in sys.meta_path):
        sys.meta_path.insert(0, _After())
