"""Labels that do not overlap, whatever the array."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dsa110_vis.layout.labels import place_labels

FRAME = (0.0, 0.0, 800.0, 600.0)
places = st.lists(st.tuples(st.floats(0, 800), st.floats(0, 600)), min_size=1, max_size=60)


def overlap(one, two):
    return one[0] < two[2] and two[0] < one[2] and one[1] < two[3] and two[1] < one[3]


def boxes_of(found, sizes):
    return [
        (label.x - sizes[label.number][0] / 2, label.y - sizes[label.number][1] / 2,
         label.x + sizes[label.number][0] / 2, label.y + sizes[label.number][1] / 2)
        for label in found
    ]  # fmt: skip


@given(places, st.floats(5, 60), st.floats(2, 8))
def test_labels_overlap_neither_marks_nor_each_other(points, width, radius):
    marks = np.array(points)
    sizes = [(width, 10.0)] * len(marks)
    found = place_labels(marks, sizes, FRAME, radius=np.full(len(marks), radius))
    boxes = boxes_of(found, sizes)
    for k, box in enumerate(boxes):
        assert box[0] >= FRAME[0]
        assert box[2] <= FRAME[2]
        assert not any(overlap(box, other) for other in boxes[:k])
        assert not any(overlap(box, (x - radius, y - radius, x + radius, y + radius)) for x, y in points)
    assert len({label.number for label in found}) == len(found)


def test_a_lonely_mark_always_has_its_label():
    marks = np.array([[100.0, 100.0], [400.0, 300.0], [401.0, 300.0], [402.0, 300.0]])
    found = place_labels(marks, [(30.0, 10.0)] * 4, FRAME, radius=np.full(4, 5.0))
    assert 0 in {label.number for label in found}


def test_those_that_come_first_have_a_place_in_a_crowd():
    rng = np.random.default_rng(1)
    marks = np.concatenate([[[400.0, 300.0]], 400 + 15 * rng.standard_normal((80, 2)) - [0, 100]])
    sizes = [(30.0, 10.0)] * len(marks)
    crowded = place_labels(marks, sizes, FRAME, radius=np.full(len(marks), 3.0))
    assert len(crowded) < len(marks)
    lost = sorted(set(range(len(marks))) - {label.number for label in crowded})
    chosen = next(
        number
        for number in lost
        if any(
            label.number == number
            for label in place_labels(marks, sizes, FRAME, radius=np.full(len(marks), 3.0), first=[number])
        )
    )
    assert chosen in lost


def test_what_is_taken_stays_free():
    marks = np.array([[100.0, 100.0]])
    taken = [(101.0, 0.0, 800.0, 600.0)]
    (label,) = place_labels(marks, [(40.0, 10.0)], FRAME, radius=np.array([4.0]), taken=taken)
    assert label.x + 20 <= 101
    assert place_labels(marks, [(40.0, 10.0)], FRAME, radius=np.array([4.0]), taken=[FRAME]) == []
    assert place_labels(np.empty((0, 2)), [], FRAME, radius=np.empty(0)) == []
