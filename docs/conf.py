"""How Sphinx makes the site: `sphinx-build -W -b html docs docs/_build`, without any network."""

import importlib.metadata
import os
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))

project = "jaxiqa"
author = "the jaxiqa authors"
release = version = importlib.metadata.version("jaxiqa")

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "command_line",
]
myst_enable_extensions = ["deflist"]
myst_heading_anchors = 3
exclude_patterns = ["_build"]

html_theme = "furo"
html_title = f"jaxiqa {release}"
# No favicon, no font and no script from elsewhere; the source of a page is in the repository.
html_theme_options = {"light_css_variables": {"code-font-size": "75%"}}  # 100 columns fit
html_copy_source = False
html_show_sphinx = False

autodoc_member_order = "bysource"
autodoc_typehints = "none"
autodoc_default_options = {"special-members": "__call__"}
autodoc_class_signature = "mixed"
napoleon_numpy_docstring = False
# Fields of a dataclass are told in one place, the list of its attributes.
napoleon_use_ivar = True
napoleon_use_rtype = False

# What looks like markup in a formula (|x|^2, x*, relu1_) is none; ``code`` stays.
_CODE = re.compile(r"(``.+?``)")
_MARKUP = re.compile(r"[|*\\]|(?<=\w)_(?=\W|$)")
# An initial that begins a line is no item of a list.
_INITIAL = re.compile(r"^(\s*\w)\.(?= )")
_SECTION = re.compile(r"\w+:$")


def _plain(line: str) -> str:
    parts = _CODE.split(line)
    escaped = (
        part if k % 2 else _MARKUP.sub(r"\\\g<0>", part).replace("`", "``")
        for k, part in enumerate(parts)
    )
    return _INITIAL.sub(r"\1\\.", "".join(escaped))


def _is_formula(lines: list[str], place: int) -> bool:
    """Whether a paragraph is set in: what is written there stays as it is."""
    return lines[place].startswith("    ") and lines[place].strip() != ""


def read_docstring(app, what, name, obj, options, lines: list[str]) -> None:
    """Rewrites a docstring of plain text as what Sphinx reads, before napoleon does."""
    del app, what, name, obj, options
    section, found, formula = "", [], False
    for place, line in enumerate(lines):
        if _SECTION.match(line):
            section = line
        if not section and _is_formula(lines, place):
            found += [] if formula else ["::", ""]
            formula = True
            found.append(line)
            continue
        formula = formula and not line.strip()
        found.append(line if section == "Examples:" else _plain(line))
    lines[:] = found


def setup(app) -> None:
    """Has docstrings read as they are written here."""
    os.environ["COLUMNS"] = "100"
    app.connect("autodoc-process-docstring", read_docstring, priority=100)
