"""`plotants` has CASA's parameters and their meaning."""

from __future__ import annotations

import inspect

import pytest

from dsa110_vis.casagui import plotants
from dsa110_vis.casagui.errors import ArgumentError, ArgumentTypeError, NothingSelectedError
from dsa110_vis.errors import MeasurementSetNotFoundError, OutputError


@pytest.fixture
def drawn(monkeypatch):
    """Draw an array, and give what was drawn: the numbers of the antennas and the style."""
    from dsa110_vis.layout import draw_map as module

    seen = []
    draw = module.draw_map

    def keep(layout, style):
        seen.append((module.antennas_drawn(layout, style)["id"].tolist(), style))
        return draw(layout, style)

    monkeypatch.setattr(module, "draw_map", keep)
    return seen


def test_parameters_are_those_of_casa():
    parameters = inspect.signature(plotants).parameters
    assert list(parameters) == [
        "vis", "figfile", "antindex", "logpos", "exclude", "checkbaselines", "title", "showgui",
    ]  # fmt: skip
    defaults = [one.default for one in parameters.values()][1:]
    assert defaults == ["", False, False, "", False, "", True]


@pytest.mark.parametrize(
    ("kind", "start"), [("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF"), ("PNG", b"\x89PNG")]
)
def test_the_ending_says_the_format(real_ms, tmp_path, kind, start):
    assert plotants(str(real_ms("alma")), str(tmp_path / f"a.{kind}"), showgui=False) is None
    assert (tmp_path / f"a.{kind}").read_bytes().startswith(start)


def test_other_endings_are_refused_before_anything_is_read(tmp_path):
    with pytest.raises(ArgumentError, match=r"\.png"):
        plotants(tmp_path / "none.ms", figfile="a.doc")


def test_the_plot_is_shown_unless_it_must_not(real_ms, monkeypatch):
    opened = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    plotants(real_ms("alma"), showgui=False)
    assert opened == []
    plotants(real_ms("alma"))
    assert len(opened) == 1
    assert opened[0].endswith(".png")


@pytest.mark.parametrize(
    ("exclude", "left_out"),
    [
        ("", []),
        ("DA41", [0]),
        ("DA41,DV25", [0, 12]),
        ("0~2", [0, 1, 2]),
        ("DA*", [0, 1, 2, 3, 4]),
        (3, [3]),
        (["DA41", 1, "5"], [0, 1, 5]),
        ([], []),
    ],
)
def test_exclude(real_ms, drawn, exclude, left_out):
    plotants(real_ms("alma"), exclude=exclude, showgui=False)
    assert drawn[0][0] == [number for number in range(13) if number not in left_out]


def test_exclude_goes_by_name_first(caltables, drawn):
    plotants(caltables / "caltables" / "test_calibration_bandpass.table", exclude="103", showgui=False)
    assert 102 not in drawn[0][0]
    assert 103 in drawn[0][0]


def test_only_antennas_of_the_main_table(real_ms, drawn):
    plotants(real_ms("evla"), showgui=False)
    plotants(real_ms("evla"), checkbaselines=True, showgui=False)
    assert [len(ids) for ids, _ in drawn] == [19, 18]


def test_labels_scale_and_title(real_ms, tmp_path, drawn):
    plotants(real_ms("alma"), str(tmp_path / "a.svg"), antindex=True, logpos=True, title="My array", showgui=False)
    assert drawn[0][1].scale == "log"
    text = (tmp_path / "a.svg").read_text()
    assert "DV14 (9)" in text
    assert "My array" in text
    assert "flags not known" not in text


def test_what_is_wrong(real_ms, tmp_path):
    with pytest.raises(NothingSelectedError, match="does not exist"):
        plotants(real_ms("alma"), exclude="ea99", showgui=False)
    with pytest.raises(NothingSelectedError, match="no antenna 13"):
        plotants(real_ms("alma"), exclude=[13], showgui=False)
    with pytest.raises(ArgumentTypeError):
        plotants(real_ms("alma"), exclude=1.5, showgui=False)
    with pytest.raises(ArgumentTypeError):
        plotants(real_ms("alma"), exclude=[True], showgui=False)
    with pytest.raises(MeasurementSetNotFoundError):
        plotants(tmp_path / "none.ms", showgui=False)
    with pytest.raises(OutputError):
        plotants(real_ms("alma"), figfile=str(tmp_path / "none" / "a.png"), showgui=False)
