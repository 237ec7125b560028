"""Pictures of arrays: what is on them is looked for in their SVG and in the figure's artists."""

from __future__ import annotations

import re

import numpy as np
import pytest

from dsa110_vis.layout import LayoutStyle, open_source
from dsa110_vis.layout.draw_map import CLASSES, class_of, draw_map
from dsa110_vis.layout.draw_tabs import draw_lengths, draw_uv
from dsa110_vis.layout.printing import printed


@pytest.fixture(scope="module")
def opened(real_ms, caltables):
    """Arrays by name, with flags."""
    paths = {
        "dsa110": caltables / "caltables" / "test_calibration_bandpass.table",
        "evla": real_ms("evla"),
        "alma": real_ms("alma"),
        "mwa": real_ms("mwa"),
    }
    sources = {name: open_source(path) for name, path in paths.items()}
    yield {name: (source, source.with_flags(source.positions())) for name, source in sources.items()}
    for source in sources.values():
        source.close()


def texts(figure):
    svg = printed(figure, "svg").decode()
    return [re.sub(r"<[^>]+>", "", part).strip() for part in re.findall(r"<text[^>]*>.*?</text>", svg, re.DOTALL)]


def drawn(figure):
    """Places of all marks, whatever their class."""
    return np.concatenate([np.asarray(group.get_offsets()) for group in figure.axes[0].collections])


def boxes(figure):
    """Where the ink of the labels is, which are digits and have nothing below the line: (x0, y0, x1, y1)."""
    figure.draw_without_rendering()
    renderer = figure.canvas.get_renderer()
    found = []
    for text in figure.axes[0].texts:
        if text.get_text().isdecimal():
            below = renderer.get_text_width_height_descent("lp", text.get_fontproperties(), ismath=False)[2]
            x0, y0, x1, y1 = text.get_window_extent(renderer).extents
            found.append((x0, y0 + below, x1, y1))
    return found


@pytest.mark.parametrize("zoom", ["all", "core", "outriggers"])
@pytest.mark.parametrize("scale", ["linear", "log"])
def test_labels_of_117_antennas_do_not_overlap(opened, zoom, scale):
    figure = draw_map(opened["dsa110"][1], LayoutStyle(zoom=zoom, scale=scale))
    found = boxes(figure)
    assert len(found) > 15
    for number, one in enumerate(found):
        for other in found[:number]:
            across, up = (min(one[k + 2], other[k + 2]) - max(one[k], other[k]) for k in (0, 1))
            assert min(across, up) <= 1


def test_outriggers_have_their_labels(opened):
    assert {str(number) for number in range(103, 118)} <= set(texts(draw_map(opened["dsa110"][1], LayoutStyle())))


def test_equal_aspect_and_true_metres(opened):
    layout = opened["alma"][1]
    figure = draw_map(layout, LayoutStyle(width=1000, height=500))
    axes = figure.axes[0]
    box = axes.get_window_extent()
    per_pixel = [
        np.diff(limits)[0] / size for limits, size in ((axes.get_xlim(), box.width), (axes.get_ylim(), box.height))
    ]
    assert per_pixel[0] == pytest.approx(per_pixel[1])
    expected = layout.antennas[["east_m", "north_m"]].to_numpy()
    np.testing.assert_allclose(np.sort(drawn(figure), axis=0), np.sort(expected, axis=0))


def test_zero_positions_are_listed_and_not_drawn(opened):
    layout = opened["evla"][1]
    figure = draw_map(layout, LayoutStyle())
    assert len(drawn(figure)) == 19
    assert any(text.startswith("Without a position: #5, #9") for text in texts(figure))
    assert "without data (1)" in texts(figure)
    assert len(drawn(draw_map(layout, LayoutStyle(only_with_data=True)))) == 18
    assert len(drawn(draw_map(layout, LayoutStyle(exclude=(0, 1))))) == 17


def test_hollow_marks_for_antennas_without_data(opened):
    figure = draw_map(opened["evla"][1], LayoutStyle())
    hollow = [group for group in figure.axes[0].collections if group.get_facecolor().size == 0]
    assert [len(group.get_offsets()) for group in hollow] == [1]


def test_classes_by_thresholds(opened):
    layout = opened["dsa110"][1]
    share = layout.antennas["flagged_fraction_cross"].to_numpy()
    for thresholds in ((0.2, 0.5), (0.04, 0.06)):
        figure = draw_map(layout, LayoutStyle(thresholds=thresholds))
        counts = [(share < thresholds[0]).sum(), ((share >= thresholds[0]) & (share <= thresholds[1])).sum(),
                  (share > thresholds[1]).sum()]  # fmt: skip
        legend = [text for text in texts(figure) if text.endswith(")") and "%" in text]
        assert [int(text.rsplit("(", 1)[1].rstrip(")")) for text in legend] == [count for count in counts if count]
    assert class_of(np.array([0.1, 0.2, 0.5, 0.51, np.nan]), (0.2, 0.5)).tolist() == [0, 1, 1, 2, -1]
    assert len({mark for _, mark in CLASSES}) == 3


def test_continuous_colours_have_a_bar(opened):
    figure = draw_map(opened["dsa110"][1], LayoutStyle(color_by="fraction", flags_of="all"))
    assert len(figure.axes) == 2
    assert "Flagged (%), all samples" in texts(figure)
    without = opened["dsa110"][0].positions()
    assert "flags not known (117)" in texts(draw_map(without, LayoutStyle(color_by="fraction")))


def test_scale_bar_and_north(opened):
    words = texts(draw_map(opened["dsa110"][1], LayoutStyle()))
    assert {"500 m", "N", "East (m)", "North (m)"} <= set(words)
    words = texts(draw_map(opened["dsa110"][1], LayoutStyle(scale="log")))
    assert {"10 m", "100 m", "1 km", "N", "East", "North"} <= set(words)


def test_the_log_scale_keeps_directions_and_order(opened):
    layout = opened["dsa110"][1]
    true = layout.antennas[["east_m", "north_m"]].to_numpy()
    figure = draw_map(layout, LayoutStyle(scale="log", color_by="none"))
    paper = drawn(figure)
    assert np.arctan2(*paper.T) == pytest.approx(np.arctan2(*true.T))
    order = np.argsort(np.hypot(*true.T))
    radius = np.hypot(*paper.T)[order]
    assert (np.diff(radius) >= 0).all()
    far, near = np.hypot(*true.T).max(), np.median(np.hypot(*true.T))
    assert radius[-1] / np.median(radius) < far / near / 2


def test_selected_antennas_have_rings_and_lines(opened):
    figure = draw_map(opened["alma"][1], LayoutStyle(selected=(3, 5)), [(3, 5)])
    assert len(figure.axes[0].collections[-1].get_offsets()) == 2
    line = figure.axes[0].lines[0].get_xydata()
    where = opened["alma"][1].antennas[["east_m", "north_m"]].to_numpy()
    np.testing.assert_allclose(line, where[[3, 5]])


def test_names_are_text_and_nothing_else(opened):
    import dataclasses

    layout = opened["alma"][1]
    columns = {**layout.columns, "name": [f"$a_{k}$<b>&" for k in range(13)]}
    figure = draw_map(dataclasses.replace(layout, columns=columns, name="$x^$"), LayoutStyle())
    words = texts(figure)
    assert "$a_0$&lt;b&gt;&amp;" in words
    assert any(word.startswith("$x^$") for word in words)


def test_notes_stay_on_a_small_picture(opened):
    figure = draw_map(opened["evla"][1], LayoutStyle(width=400, height=400))
    figure.draw_without_rendering()
    renderer = figure.canvas.get_renderer()
    assert len(figure.texts) > 2
    assert max(text.get_window_extent(renderer).x1 for text in figure.texts) <= 400


def test_an_array_with_nothing_to_draw(opened):
    figure = draw_map(opened["alma"][1], LayoutStyle(exclude=tuple(range(13))))
    assert "No antenna to be drawn" in texts(figure)
    printed(draw_map(opened["alma"][1], LayoutStyle(exclude=tuple(range(1, 13)))), "png")


def test_uv_coverage_has_its_conjugates(opened):
    points = opened["alma"][0].uv("baseline", 200_000, lambda: None)
    figure = draw_uv(points, LayoutStyle(), "title")
    both = drawn(figure)
    np.testing.assert_allclose(both[: len(both) // 2], -both[len(both) // 2 :])
    words = texts(figure)
    assert {"u (m)", "v (m)", "Baseline length (m)", "title"} <= set(words)
    assert any(word.startswith("u (kλ at 853") for word in words)


def test_one_point_has_no_range(opened):
    points = opened["mwa"][0].uv("flagged", 1, lambda: None)
    assert points.range is None
    printed(draw_uv(points, LayoutStyle(), "x"), "png")


def test_lengths(opened):
    lengths = opened["dsa110"][0].lengths()
    words = texts(draw_lengths(lengths, LayoutStyle(title="mine"), "x"))
    assert "mine" in words
    assert any("2707.2 m" in word for word in words)


def test_the_same_picture_twice_is_the_same_file(opened):
    for kind in ("png", "svg", "pdf"):
        one, two = (printed(draw_map(opened["alma"][1], LayoutStyle()), kind) for _ in range(2))
        assert one == two
