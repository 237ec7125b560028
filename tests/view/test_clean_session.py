"""A session's operations: a real session on a small numpy imager, asked as its owner asks it."""

import importlib.util
import sys
import threading
import time
import zlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from asking import View
from hypothesis import given
from hypothesis import strategies as st

from dsa110_vis.clean.parameters import Parameters
from dsa110_vis.clean.session import CleanSession
from dsa110_vis.view.clean_images import image_path
from dsa110_vis.view.clean_packing import (
    Gathering,
    columns_of,
    pack_columns,
    pack_masks,
    parts_of,
    unpack_masks,
)
from dsa110_vis.view.clean_session import connect
from dsa110_vis.view.protocol import RequestError


def numpy_engine():
    name = "dsa110_vis_tests_numpy_engine"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, Path(__file__).parents[1] / "clean" / "numpy_engine.py")
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name].NumpyEngine


class Owner(View):
    """The owner's side of a session."""

    def __init__(self, session):
        self.session = session
        session.connect = lambda send: connect(session, send)
        super().__init__(session)

    def command(self, op, data=(), **params):
        """Give a command, and wait until it is done."""
        command = self.ask(op, data, **params)["command"]
        return self.done(command)

    def done(self, command):
        with self._changed:
            found = lambda: [data for event, data in self.events if event == "done" and data["command"] == command]  # noqa: E731
            assert self._changed.wait_for(found, 60)
            return found()[0]


@pytest.fixture
def parameters(tmp_path):
    ms = tmp_path / "obs.ms"
    ms.mkdir()
    (ms / "table.dat").write_bytes(b"data")
    return Parameters(vis=str(ms), imagename=str(tmp_path / "img"), imsize=64, cell="1arcsec", niter=900, cycleniter=30)


@pytest.fixture
def owner(parameters):
    session = CleanSession(parameters, engine=numpy_engine())
    owner = Owner(session)
    assert owner.command("start")["error"] is None
    yield owner
    owner.dispatcher.close()
    session.close()


def clean_everywhere(owner):
    shapes, data = pack_masks([np.ones((1, 1, 64, 64), bool)])
    return owner.command("set_masks", [data], shapes=shapes)


def test_hello_tells_everything(owner, parameters):
    found = owner.ask("hello")
    assert (found["state"], found["cycle"], found["imagenames"]) == ("ready", 0, [parameters.imagename])
    assert found["parameters"]["cycleniter"] == 30
    assert found["process"]["pid"]


def test_a_command_is_answered_before_it_is_done(owner):
    clean_everywhere(owner)
    owner.session._engine.gate.clear()
    command = owner.ask("run", cycles=2)["command"]
    assert not any(data["command"] == command for data in owner.of("done"))
    assert owner.ask("hello")["state"] in ("ready", "minor")
    owner.session._engine.gate.set()
    done = owner.done(command)
    assert (done["op"], done["error"], done["cycle"]) == ("run", None, 3)
    assert done["imagenames"] == owner.session.imagenames
    assert [data["kind"] for data in owner.of("cycle")] == ["dirty", "mask", "cycle", "cycle"]


def test_run_without_a_number_goes_on_until_a_rule_holds(owner):
    clean_everywhere(owner)
    owner.command("run", cycles=None)
    assert owner.ask("hello")["reason"] in ("niter", "threshold", "stalled", "diverged")


def test_what_fails_in_its_turn_says_so(owner):
    error = owner.command("go_to", cycle=50)["error"]
    assert "50" in error["message"]
    assert error["hint"]
    error = owner.command("set_parameters", changes={"imsize": [32]})["error"]
    assert (error["code"], error["key"]) == ("bad-parameter", "imsize")


def test_undo_and_redo(owner):
    clean_everywhere(owner)
    owner.command("run", cycles=1)
    assert owner.command("undo")["cycle"] == 1
    assert owner.command("redo")["cycle"] == 2


def test_pause_is_not_kept_waiting_by_what_runs(owner, parameters):
    clean_everywhere(owner)
    Path(f"{parameters.imagename}.slow.json").write_text('{"minor": 0.1}')
    command = owner.ask("run", cycles=None)["command"]
    begun = time.perf_counter()
    owner.ask("pause")
    owner.done(command)
    assert time.perf_counter() - begun < 1
    assert owner.ask("hello")["state"] == "ready"


def test_masks_there_and_back(owner):
    wanted = np.random.default_rng(3).random((1, 1, 64, 64)) < 0.5
    shapes, data = pack_masks([wanted])
    parts = list(parts_of(data, 200))
    assert len(parts) > 2
    for number, part in enumerate(parts):
        answer = owner.ask("set_masks", [part], shapes=shapes, token="t", part=number, parts=len(parts))  # noqa: S106
    owner.done(answer["command"])
    result, buffers = owner.ask("masks")
    np.testing.assert_array_equal(unpack_masks(result["shapes"], bytes(buffers[0]))[0], wanted)
    assert owner.of("masks")[-1] == {"pixels": [wanted.sum()]}


@pytest.mark.parametrize(
    ("params", "data", "text"),
    [
        ({"shapes": [[1, 1, 32, 32]]}, [b""], "do not fit"),
        ({"shapes": [[1, 1, 64, 64]]}, [b"no stream"], "cannot be unpacked"),
        ({"shapes": [[1, 1, 64, 64]]}, [zlib.compress(bytes(64 * 64))], "another number"),
        ({"shapes": [[1, 1, 64, 64]]}, [zlib.compress(bytes(5))], "another number"),
        ({"shapes": [[1, 1, 64, 64]]}, [bytes(5000)], "longer"),
        ({"shapes": [[1, 1, 64, 64]]}, [], "one buffer"),
        ({"shapes": [[1, 1, 64, 64]], "part": 1, "parts": 2}, [b"x"], "does not follow"),
        ({"shapes": "all"}, [b""], "lists of 4"),
    ],
)
def test_a_mask_that_cannot_be_is_refused(owner, params, data, text):
    error = owner.error("set_masks", data, **params)
    assert text in f"{error['message']} {error['hint']}"
    assert owner.session.masks[0].sum() == 0


def test_convergence(owner):
    clean_everywhere(owner)
    owner.command("run", cycles=2)
    result, buffers = owner.ask("convergence")
    pd.testing.assert_frame_equal(
        pd.DataFrame(columns_of(result, buffers)), owner.session.convergence, check_dtype=False
    )
    assert owner.ask("convergence", start=result["rows"])[0]["count"] == 0


def test_the_code_makes_the_same_parameters(owner, parameters):
    from dsa110_vis.clean.tclean_call import from_tclean

    assert from_tclean(owner.ask("code")["code"]) == parameters


def test_windows_of_an_image(owner, parameters, write_image, sky):
    write_image(sky, "img.residual")
    result, (pixels,) = owner.ask("image", name="residual", x=300, y=10, width=50, height=20)
    assert (result["width"], result["height"], result["nx"], result["ny"]) == (20, 20, 320, 280)
    np.testing.assert_array_equal(np.frombuffer(pixels, "<f4").reshape(20, 20), sky[10:30, 300:320])
    first = result["fingerprint"]
    write_image(2 * sky[:100], "img.residual")
    result, (pixels,) = owner.ask("image", name="residual")
    assert result["fingerprint"] != first
    np.testing.assert_array_equal(np.frombuffer(pixels, "<f4").reshape(100, 320), 2 * sky[:100])
    assert Path(result["path"]) == Path(f"{parameters.imagename}.residual")


@pytest.mark.parametrize(
    ("params", "text"),
    [
        ({"name": "image"}, "has not made this image yet"),
        ({"name": "../secret"}, "must be one of residual"),
        ({"name": "residual", "field": 3}, "has 1"),
        ({"name": "residual", "channel": 4}, "no channel 4"),
        ({"name": "residual", "x": 5000}, "no window"),
        ({"name": "residual", "x": -1}, "no window"),
    ],
)
def test_an_image_that_is_not_there(owner, write_image, sky, params, text):
    write_image(sky, "img.residual")
    error = owner.error("image", **params)
    assert text in f"{error['message']} {error['hint']}"


def test_a_window_that_is_too_large(owner, write_image):
    write_image(np.zeros((1100, 1000), np.float32), "img.psf")
    assert "1048576 pixels" in owner.error("image", name="psf")["hint"]
    assert owner.ask("image", name="psf", height=1048)[0]["height"] == 1048


def test_progress_is_the_latest_and_not_too_often(owner):
    when, last = [], threading.Event()

    def emit(_event, data, _buffers=()):
        when.append((time.monotonic(), data["fraction"]))
        if data["fraction"] == 1.0:
            last.set()

    owner.dispatcher.emit = emit
    for number in range(301):
        owner.session.is_at(number / 300, "", None)
    assert last.wait(30)
    times, fractions = zip(*when, strict=True)
    assert len(fractions) < 10
    assert list(fractions) == sorted(fractions)
    assert all(np.diff(times) > 0.09)


def test_where_casa_keeps_its_images():
    assert image_path("a/b", "residual", 0, terms=False) == "a/b.residual"
    assert image_path("a/b", "image.pbcor", 1, terms=True) == "a/b.image.tt1.pbcor"
    assert image_path("a/b", "mask", 1, terms=True) == "a/b.mask"
    assert image_path("a/b", "alpha.error", 0, terms=True) == "a/b.alpha.error"


@given(st.lists(st.tuples(*[st.integers(1, 9)] * 4), min_size=1, max_size=3), st.integers(0, 2**32))
def test_packed_masks_are_the_same_again(shapes, seed):
    random = np.random.default_rng(seed)
    masks = [random.random(shape) < 0.5 for shape in shapes]
    found = unpack_masks(*pack_masks(masks))
    assert all(np.array_equal(one, other) for one, other in zip(masks, found, strict=True))


@given(st.binary(max_size=100), st.integers(1, 30))
def test_parts_are_gathered_to_the_whole(data, size):
    parts = list(parts_of(data, size))
    gathering = Gathering()
    gathering.take("before", 0, 9, b"x", [[1, 1, 64, 64]])
    found = [gathering.take("t", n, len(parts), part, [[1, 1, 64, 64]]) for n, part in enumerate(parts)]
    assert found == [None] * (len(parts) - 1) + [data]
    with pytest.raises(RequestError):
        gathering.take("t", 1, 2, b"", [[1, 1, 64, 64]])


@given(st.integers(0, 40), st.integers(8, 500))
def test_columns_come_in_pages(rows, most_bytes):
    frame = pd.DataFrame(
        {"a": np.arange(rows), "b": np.where(np.arange(rows) % 3, 0.5, np.nan), "c": [f"I{n}" for n in range(rows)]}
    )
    pages, at = [], 0
    while at < rows:
        result, buffers = pack_columns(frame, at, max(most_bytes, 24))
        pages.append(pd.DataFrame(columns_of(result, buffers)))
        at += result["count"]
        assert sum(map(len, buffers)) <= max(most_bytes, 24)
    if pages:
        pd.testing.assert_frame_equal(pd.concat(pages, ignore_index=True), frame, check_dtype=False)
