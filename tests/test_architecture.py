"""The layers: arrows point down only, and nothing below the faces knows Jupyter."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import dsa110_vis

PACKAGE = Path(dsa110_vis.__file__).parent

# What each layer may import of this package, besides itself.
BASE = {"errors", "versions", "_version", "", "compiled", "fingerprint", "lazy", "paths", "preload"}
ALLOWED = {
    "errors": set(),
    "versions": set(),
    "_version": set(),
    "compiled": set(),
    "fingerprint": set(),
    "lazy": set(),
    "paths": set(),
    "preload": set(),
    "work": BASE,
    "ms": BASE,
    "raster": BASE | {"ms"},
    "layout": BASE | {"ms", "raster"},
    "image": BASE,
    "regions": BASE | {"image", "casa_process"},
    "clean": BASE | {"ms", "image", "regions", "casa_process"},
    "view": BASE | {"ms", "raster", "layout", "image", "regions", "clean", "work"},
    "host": BASE | {"clean", "view", "work"},
    "widgets": BASE | {"ms", "raster", "layout", "regions", "view", "work"},
    "casagui": BASE | {"ms", "raster", "layout", "image", "regions", "view", "widgets"},
    "rest": BASE | {"ms", "raster"},
    "server": BASE | {"work"},
    "casa_process": BASE,
    "cache": BASE,
    "demo": BASE | {"ms", "casa_process", "cache"},
    "doctor": BASE | {"casa_process"},
    "cli": BASE | {"ms", "raster", "demo", "doctor", "clean_cli"},
    "clean_cli": BASE | {"clean", "host", "image", "regions"},
}
JUPYTER = {"IPython", "anywidget", "ipykernel", "ipywidgets", "jupyter_server", "traitlets", "tornado"}
FACES = {"widgets", "casagui", "server", "host"}
CASA = {"casatasks", "casatools", "casaconfig"}

FILES = [path for path in sorted(PACKAGE.rglob("*.py")) if path != PACKAGE / "__init__.py"]


def layer(path: Path) -> str:
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


def imported(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            found.add(node.module or "")
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_down(path):
    here = layer(path)
    for module in imported(path):
        top, _, rest = module.partition(".")
        if top == "dsa110_vis":
            target = rest.partition(".")[0]
            assert target == here or target in ALLOWED[here], f"{here} imports {module}"
        if here not in FACES:
            assert top not in JUPYTER, f"{here} imports {module}"
        if not (here == "clean" and path.name.startswith("casa_")):
            assert top not in CASA, f"{here} imports {module}: CASA has a process of its own"
