"""The methods and parameters are those of the real packages, read from their source, which is never imported."""

import ast
import inspect
import subprocess
import sys

import pytest

from dsa110_vis.casagui import MsRaster

SOURCES = {
    "casagui==0.4.3": ("casagui/plot/ms_plot/_ms_plot.py", "casagui/apps/_ms_raster.py"),
    "vidavis==0.2.2": ("vidavis/plot/ms_plot/_ms_plot.py", "vidavis/apps/_ms_raster.py"),
}
NO_DEFAULT = inspect.Parameter.empty


@pytest.fixture(scope="session")
def real_methods(tmp_path_factory):
    """Public methods of the two real `MsRaster`: name -> [(parameter, default)], by package."""
    found = {}
    for package, files in SOURCES.items():
        folder = tmp_path_factory.mktemp("package")
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(folder), package]
        done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
        if done.returncode != 0 and "No matching distribution" not in done.stderr + done.stdout:
            pytest.skip(f"pip cannot fetch {package}: {done.stderr.strip().splitlines()[-1:]}")
        assert done.returncode == 0, done.stderr
        methods = {}
        for file in files:
            tree = ast.parse((folder / file).read_text(encoding="utf-8"))
            for node in ast.walk(tree):
                if isinstance(node, ast.ClassDef) and node.name in ("MsPlot", "MsRaster"):
                    methods.update(methods_of(node))
        found[package] = methods
    return found


def methods_of(node):
    found = {}
    for method in node.body:
        public = isinstance(method, ast.FunctionDef) and (method.name == "__init__" or not method.name.startswith("_"))
        if public:
            names = [argument.arg for argument in method.args.args[1:]]
            values = [ast.literal_eval(value) for value in method.args.defaults]
            defaults = [NO_DEFAULT] * (len(names) - len(values)) + values
            kwargs = [] if method.args.kwarg is None else [("**", NO_DEFAULT)]
            found[method.name] = [*zip(names, defaults, strict=True), *kwargs]
    return found


def our_parameters(name):
    parameters = list(inspect.signature(getattr(MsRaster, name)).parameters.values())[1:]
    return [
        ("**" if item.kind is item.VAR_KEYWORD else item.name, item.default, item.kind is item.KEYWORD_ONLY)
        for item in parameters
    ]


def test_the_sources_were_understood(real_methods):
    assert {"plot", "save", "show", "summary", "clear_selection"} <= set(real_methods["casagui==0.4.3"])
    assert {"plot", "select_ps", "select_ms", "get_dimension_values"} <= set(real_methods["vidavis==0.2.2"])
    assert ("aggregator", None) in real_methods["vidavis==0.2.2"]["plot"]


@pytest.mark.parametrize("package", SOURCES)
def test_every_method_is_there(real_methods, package):
    missing = [name for name in real_methods[package] if not callable(getattr(MsRaster, name, None))]
    assert missing == []


def test_casagui_can_be_called_by_position(real_methods):
    """Names, order and defaults of casagui's parameters begin ours; what else we have is named or comes after."""
    for name, theirs in real_methods["casagui==0.4.3"].items():
        ours = [(parameter, default) for parameter, default, keyword_only in our_parameters(name) if not keyword_only]
        assert ours[: len(theirs)] == theirs, name


def test_vidavis_can_be_called_by_name(real_methods):
    """All of vidavis' parameters are there with the same defaults; in its own methods in the same order too."""
    for name, theirs in real_methods["vidavis==0.2.2"].items():
        ours = {parameter: default for parameter, default, _ in our_parameters(name)}
        for parameter, default in theirs:
            if parameter == "**" or (name == "select_ms" and parameter == "indexers_kwargs"):
                assert "**" in ours, name
            else:
                assert parameter in ours, (name, parameter)
                assert ours[parameter] == default, (name, parameter)
        if name not in ("__init__", "plot"):
            ordered = [parameter for parameter, _, _ in our_parameters(name)]
            assert ordered[: len(theirs)] == [parameter for parameter, _ in theirs], name


def test_order_of_vidavis_plot_apart_from_selection(real_methods):
    ours = [name for name, _, _ in our_parameters("plot") if name != "selection"]
    assert ours == [name for name, _ in real_methods["vidavis==0.2.2"]["plot"]]
