"""Regions as viewers are told of them: changes only, in small messages, and the same list in the end."""

from __future__ import annotations

import json

import numpy as np
import pytest
from asking import View
from hypothesis import given
from hypothesis import strategies as st

from dsa110_vis.regions import Region
from dsa110_vis.regions.json import MOST_VERTICES, to_plain
from dsa110_vis.regions.shapes import Circle, Polygon
from dsa110_vis.view import mask_regions
from dsa110_vis.view.given import Given, GivenImage
from dsa110_vis.view.mask_draw import MaskDrawModel
from dsa110_vis.view.mask_regions import region_events

MANY = 20_000
MESSAGE = 4 << 20


def took(known, event):
    """What a viewer makes of an event: plain regions, by another way than the browser's."""
    assert set(event) == {"base", "revision", "removed", "changed", "added", "last"}
    base, now = (None, []) if event["base"] is None else known
    assert base == event["base"]
    changed = {region["id"]: region for region in event["changed"]}
    gone = set(event["removed"])
    now = [changed.pop(region["id"], region) for region in now if region["id"] not in gone]
    assert not changed
    for run in event["added"]:
        assert run["at"] <= len(now)
        now[run["at"] : run["at"]] = run["regions"]
    return event["revision"], now


def regions_of(idents, radius=1.0):
    return [Region(Circle(float(ident), 0.0, radius), id=f"r{ident}") for ident in idents]


lists = st.lists(
    st.tuples(st.integers(0, 12), st.sampled_from([1.0, 2.0])), max_size=12, unique_by=lambda pair: pair[0]
)


@given(before=lists, after=lists, room=st.sampled_from([1, 300, 10**6]))
def test_a_viewer_that_takes_the_events_has_the_same_list(before, after, room):
    before, after = ([regions_of([k], radius)[0] for k, radius in some] for some in (before, after))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mask_regions, "PART_BYTES", room)
        known = 7, [to_plain(region) for region in before]
        events = list(region_events(before, after, 7, 8))
        for event in events:
            known = took(known, event)
        assert known == (8, [to_plain(region) for region in after])
        assert [event["last"] for event in events] == [False] * (len(events) - 1) + [True]
        known = None
        for event in region_events(None, after, 0, 8):
            known = took(known, event)
        assert known == (8, [to_plain(region) for region in after])


def test_only_what_has_changed_is_told():
    before = regions_of(range(5))
    after = [before[0], *regions_of([7, 8]), before[2], *regions_of([3], 2.0), before[4]]
    (event,) = region_events(before, after, 1, 2)
    assert event["removed"] == ["r1"]
    assert event["changed"] == [to_plain(after[4])]
    assert event["added"] == [{"at": 1, "regions": [to_plain(region) for region in after[1:3]]}]


def test_a_region_that_is_larger_than_a_part_has_one_of_its_own(monkeypatch):
    monkeypatch.setattr(mask_regions, "PART_BYTES", 1 << 20)
    corners = np.random.default_rng(1).uniform(0, 5000, (MOST_VERTICES, 2)).tolist()
    large = Region(Polygon(tuple(map(tuple, corners))), id="large")
    events = list(region_events(None, [*regions_of(range(3)), large, *regions_of([4])], 0, 1))
    assert max(len(json.dumps(event)) for event in events) > 3 << 20
    assert [sum(len(run["regions"]) for run in event["added"]) for event in events] == [3, 1, 1]
    assert max(len(json.dumps(event)) for event in events) < MESSAGE


class Sizes(View):
    """A view that keeps the sizes of the messages."""

    def __init__(self, model):
        self.sizes = []
        super().__init__(model)

    def _take(self, message, buffers):
        self.sizes.append(len(json.dumps(message)) + sum(memoryview(part).nbytes for part in buffers))
        super()._take(message, buffers)

    def known(self):
        """The regions as the events have told them."""
        found = None
        for event in self.of("regions"):
            found = took(found, event) if event["base"] is None or found else found
        return [region["id"] for region in found[1]]


@pytest.fixture
def crowded():
    """A model of an image with 20,000 ellipses of many digits on it."""
    places = np.random.default_rng(3).uniform(0, 1000, (MANY, 2))
    text = "image\n" + "\n".join(f"ellipse({x!r},{y!r},3.25,1.7,31.4)" for x, y in places.tolist())
    image = np.zeros((1024, 1024), dtype=np.float32)
    model = MaskDrawModel(Given(GivenImage.of(image), regions=text))
    yield model
    model.close()


def test_20_000_regions_come_in_messages_of_at_most_4_mib_and_an_edit_takes_10_kb(crowded):
    crowded.wait(60)
    view = Sizes(crowded)
    try:
        hello = view.ask("hello")
        assert "regions" not in hello
        ids = [region.id for region in crowded.drawing.regions]
        assert view.known() == ids
        assert len(ids) == MANY
        assert sum(view.sizes) > MESSAGE
        assert max(view.sizes) <= MESSAGE
        one = to_plain(crowded.drawing.region(ids[7000]))
        for op, params in (
            ("edit_regions", {"action": "replace", "regions": [{**one, "x": 5.0}]}),
            ("edit_regions", {"action": "remove", "ids": [ids[3]]}),
            ("undo", {}),
            ("edit_regions", {"action": "add", "regions": [one]}),
        ):
            view.sizes.clear()
            view.ask(op, generation=1, **params)
            assert 0 < sum(view.sizes) < 10_000, op
            assert view.known() == [region.id for region in crowded.drawing.regions]
        view.sizes.clear()
        view.ask("edit_regions", generation=1, action="remove", ids=ids)
        view.ask("undo")
        assert view.known() == [region.id for region in crowded.drawing.regions]
        assert max(view.sizes) <= MESSAGE
    finally:
        view.dispatcher.close()


def test_a_view_that_comes_while_somebody_draws_knows_the_same_regions(crowded):
    crowded.wait(60)
    first, second = View(crowded), Sizes(crowded)
    try:
        one = to_plain(crowded.drawing.regions[0])
        asked = [
            first.send("edit_regions", generation=1, action="replace", regions=[{**one, "x": x}]) for x in range(9)
        ]
        second.ask("hello")
        for ident in asked:
            first.answer(ident)
        first.ask("edit_regions", generation=1, action="remove", ids=[one["id"]])
        assert second.known() == [region.id for region in crowded.drawing.regions]
    finally:
        first.dispatcher.close()
        second.dispatcher.close()
