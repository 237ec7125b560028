"""Undo and redo give back exactly what was there, and take little memory."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from dsa110_vis.regions import MaskCube, Region, edits
from dsa110_vis.regions.history import History, RegionsChange, Step, changed_bits
from dsa110_vis.regions.rasterise import patch_of
from dsa110_vis.regions.shapes import Box, Circle, Polygon

NY, NX = 23, 31


class Editor:
    """A mask and regions with a history, as a viewer keeps them."""

    def __init__(self, history):
        self.mask, self.regions, self.history = MaskCube(1, 3, NY, NX), (), history

    def put(self, text, planes=None, regions=None):
        """Say what planes and regions will be."""
        bits = [changed_bits(plane, self.mask.read(plane) ^ after, 0, 0) for plane, after in (planes or {}).items()]
        bits = tuple(change for change in bits if change is not None)
        if not bits and regions is None:
            return False
        step = Step(text, bits, None if regions is None else RegionsChange(self.regions, regions))
        self.history.add(step)
        self.apply(step, back=False)
        return True

    def apply(self, step, *, back):
        for change in step.bits:
            change.apply(self.mask)
        if step.regions is not None:
            self.regions = step.regions.before if back else step.regions.after

    def undo(self):
        step = self.history.undo()
        if step is not None:
            self.apply(step, back=True)

    def redo(self):
        step = self.history.redo()
        if step is not None:
            self.apply(step, back=False)

    def now(self):
        return [self.mask.read(plane).copy() for plane in range(3)], self.regions


def same(one, other):
    return one[1] == other[1] and all(np.array_equal(a, b) for a, b in zip(one[0], other[0], strict=True))


@st.composite
def acts(draw):
    kind = draw(st.sampled_from(("draw", "draw", "whole", "regions", "both", "undo", "undo", "redo")))
    planes = tuple(draw(st.sets(st.integers(0, 2), min_size=1)))
    x, y, size = draw(st.integers(-3, NX)), draw(st.integers(-3, NY)), draw(st.integers(1, 12))
    shape = draw(st.sampled_from((Circle(x, y, size), Box(x, y, size, 5, 30))))
    return (
        kind,
        planes,
        shape,
        draw(st.sampled_from(edits.MODES)),
        draw(st.sampled_from(("invert", "clear", "grow", "fill"))),
    )


def pixels(shape):
    found = np.zeros((NY, NX), dtype=bool)
    patch = patch_of(shape, (NY, NX))
    if patch is not None:
        bits, x0, y0 = patch
        found[y0 : y0 + bits.shape[0], x0 : x0 + bits.shape[1]] = bits
    return found


WHOLE = {
    "invert": np.logical_not,
    "clear": np.zeros_like,
    "fill": np.ones_like,
    "grow": lambda bits: edits.grow(bits, 2),
}


@settings(deadline=None, max_examples=150)
@given(st.lists(acts(), max_size=25))
def test_any_course_of_changes_is_undone_and_redone_exactly(course):
    editor = Editor(History())
    states, at = [editor.now()], 0
    for number, (kind, planes, shape, mode, whole) in enumerate(course):
        if kind == "undo":
            editor.undo()
            at = max(0, at - 1)
        elif kind == "redo":
            editor.redo()
            at = min(len(states) - 1, at + 1)
        else:
            mask, regions = states[at]
            change = (
                WHOLE[whole] if kind == "whole" else lambda bits, m=mode, s=shape: edits.combined(bits, pixels(s), m)
            )
            after = {} if kind == "regions" else {plane: change(mask[plane]) for plane in planes}
            new = (*regions[-2:], Region(shape, id=f"r{number}")) if kind in ("regions", "both") else None
            if editor.put(f"step {number}", after, new):
                states = [*states[: at + 1], ([after.get(k, mask[k]) for k in range(3)], new or regions)]
                at += 1
        assert same(editor.now(), states[at])
        assert (editor.history.can_undo is not None) == (at > 0)
        assert (editor.history.can_redo is not None) == (at < len(states) - 1)
    for _ in range(at):
        editor.undo()
    assert same(editor.now(), states[0])
    assert editor.mask.used == ()
    for state in states[1:]:
        editor.redo()
        assert same(editor.now(), state)


def test_steps_have_names():
    editor = Editor(History())
    assert (editor.history.can_undo, editor.history.can_redo) == (None, None)
    assert editor.history.undo() is None
    assert editor.history.redo() is None
    editor.put("add circle", {0: pixels(Circle(9, 9, 3))})
    editor.put("delete 3 regions", regions=())
    assert (editor.history.can_undo, editor.history.can_redo) == ("delete 3 regions", None)
    editor.undo()
    assert (editor.history.can_undo, editor.history.can_redo) == ("add circle", "delete 3 regions")
    editor.put("add box", {0: pixels(Box(9, 9, 3, 30))})
    assert (editor.history.can_undo, editor.history.can_redo) == ("add box", None)
    editor.history.clear()
    assert (editor.history.can_undo, editor.history.can_redo) == (None, None)


def test_a_change_holds_only_the_part_that_changes():
    turned = np.zeros((300, 400), dtype=bool)
    turned[20:30, 100:140] = True
    change = changed_bits(7, turned, 1000, 2000)
    assert (change.plane, change.box) == (7, (1100, 1140, 2020, 2030))
    assert len(change.packed) < 100
    assert changed_bits(7, np.zeros((3, 4), dtype=bool), 0, 0) is None


def test_a_circle_on_a_large_plane_takes_little():
    bits, x0, y0 = patch_of(Circle(2500, 2500, 400), (5040, 5040))
    assert Step("add circle", (changed_bits(0, bits, x0, y0),)).size < 20_000


def test_the_oldest_steps_are_forgotten_first():
    noise = np.random.default_rng(2).random((NY, NX)) < 0.5
    one = Step("x", (changed_bits(0, noise, 0, 0),)).size
    editor = Editor(History(limit_bytes=5 * one + one // 2))
    states = [editor.now()]
    for number in range(12):
        editor.put(f"step {number}", {0: editor.mask.read(0) ^ np.roll(noise, number)})
        states.append(editor.now())
    undone = 0
    while editor.history.can_undo:
        editor.undo()
        undone += 1
    assert 4 <= undone <= 6
    assert same(editor.now(), states[12 - undone])


def test_one_step_can_always_be_undone_however_large():
    editor = Editor(History(limit_bytes=1))
    editor.put("a", {0: np.random.default_rng(2).random((NY, NX)) < 0.5})
    editor.put("b", {1: np.random.default_rng(3).random((NY, NX)) < 0.5})
    assert editor.history.can_undo == "b"
    editor.undo()
    assert editor.history.can_undo is None
    assert editor.mask.used == (0,)


def test_what_regions_take_is_counted():
    """A nudge of one of many regions keeps two lists of them; a long polygon is as large as its corners are many."""
    many = tuple(Region(Circle(float(k), 1.0, 2.0)) for k in range(1000))
    nudged = (*many[:-1], Region(Circle(7.0, 1.0, 2.0)))
    assert 16_000 < Step("change circle", regions=RegionsChange(many, nudged)).size < 20_000
    corners = tuple((float(k), float(k % 7)) for k in range(10_000))
    assert Step("add polygon", regions=RegionsChange((), (Region(Polygon(corners)),))).size > 1_000_000
    assert Step("delete polygon", regions=RegionsChange((Region(Polygon(corners)),), ())).size > 1_000_000
    history = History(limit_bytes=100_000)
    for step in range(50):
        history.add(Step(f"{step}", regions=RegionsChange(many, nudged)))
    kept = 0
    while history.undo() is not None:
        kept += 1
    assert kept == 5
