"""Viewers without a kernel: what they show, what they may not open, what becomes of their processes."""

from __future__ import annotations

import contextlib
import json
import math
import os
import signal
import struct
from pathlib import Path

import pytest
from live_server import eventually
from tornado.httpclient import HTTPClientError
from tornado.websocket import WebSocketClosedError
from viewer_client import Client, run

from dsa110_vis.errors import OptionError
from dsa110_vis.server.frames import MOST_BYTES, unpack
from dsa110_vis.server.socket import close_reason

pytestmark = pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="needs Linux's /proc")


@pytest.fixture
def alone(start_server, observations):
    """A server for one test, so that its processes are those of the test."""
    return start_server(observations, f"--Dsa110VisApp.data_roots={observations.parent / 'stage'}")


def opened(server, path="alma.ms", view="ms-raster", **more):
    return Client.open(server, view=view, path=path, **more)


def test_a_picture_is_drawn(server):
    async def story():
        client = await opened(server)
        hello, _ = await client.ask("hello")
        assert hello["result"]["state"]["path"] == str(server.root / "alma.ms")
        picture = await client.event("picture")
        tile, (value, flagged) = await client.ask("tile", generation=picture["generation"], x0=0, x1=3, y0=0, y1=2)
        assert tile["ok"]
        assert len(value) == len(flagged) == 4 * tile["result"]["nx"] * tile["result"]["ny"]
        numbers = [struct.unpack(f"<{len(part) // 4}f", part) for part in (value, flagged)]
        assert any(math.isfinite(good) or math.isfinite(bad) for good, bad in zip(*numbers, strict=True))
        client.close()

    run(story())


def test_the_array_is_laid_out(server, reference):
    async def story():
        client = await opened(server, view="antenna-layout")
        layout = None
        while not (layout and layout["flags"]):
            await client.event("layout")
            layout = (await client.ask("layout"))[0]["result"]
        client.close()
        return layout

    found = {antenna["id"]: antenna for antenna in run(story())["antennas"]}
    for want in reference("alma")["antennas"]:
        ours = found[want["id"]]
        assert [ours["e"], ours["n"], ours["u"]] == pytest.approx(want["enu_m"], abs=1e-3)
        assert 100 * ours["flagged"] == pytest.approx(want["flagged_pct_all"], abs=1e-5)


def test_saving_gives_the_file_to_the_browser_and_writes_none(server):
    async def story():
        client = await opened(server, "stays.ms")
        await client.event("picture")
        answer, (data,) = await client.ask("save", format="png", filename="/tmp/x.png", path="/tmp/x.png")  # noqa: S108
        assert answer["result"]["mime"] == "image/png"
        assert bytes(data).startswith(b"\x89PNG")
        client.close()

    before = sorted(server.root.rglob("*"))
    run(story())
    assert sorted(server.root.rglob("*")) == before


@pytest.mark.parametrize(
    ("query", "close", "code"),
    [
        ({"view": "ms-raster", "path": "../outside/secret.ms"}, 4403, "forbidden-path"),
        ({"view": "ms-raster", "path": "leaves.ms"}, 4403, "forbidden-path"),
        ({"view": "ms-raster", "path": "/etc"}, 4403, "forbidden-path"),
        ({"view": "antenna-layout", "path": "/etc"}, 4403, "forbidden-path"),
        ({"view": "ms-raster", "path": "gone.ms"}, 4404, "ms-not-found"),
        ({"view": "ms-raster", "path": ".hidden/wsrt.ms"}, 4404, "ms-not-found"),
        ({"view": "ms-raster", "path": "notes.txt"}, 4422, "not-a-measurement-set"),
        ({"view": "ms-raster", "path": "a\0b"}, 4422, "bad-path"),
        ({"view": "os:system", "path": "wsrt.ms"}, 4422, "bad-option"),
        ({"path": "wsrt.ms"}, 4422, "bad-option"),
    ],
)
def test_what_rest_refuses_is_refused_here(server, query, close, code):
    async def story():
        client = await Client.open(server, **query)
        closed, reason = await client.end()
        assert (closed, reason["code"], reason["reloadable"]) == (close, code, False)
        assert client.events[-1]["event"] == "closing"
        assert client.events[-1]["data"]["hint"]

    run(story())


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("../outside/secret.ms", "forbidden-path"),
        ("/etc", "forbidden-path"),
        ("leaves.ms", "forbidden-path"),
        ("hides.ms", "ms-not-found"),
        ("~", "ms-not-found"),
    ],
)
def test_a_viewer_cannot_go_where_rest_does_not(server, path, code):
    async def story():
        client = await opened(server, "wsrt.ms")
        await client.event("picture")
        answer, _ = await client.ask("set", changes={"path": path, "x": "frequency"})
        assert (answer["ok"], answer["error"]["code"]) == (False, code)
        hello, _ = await client.ask("hello")
        assert hello["result"]["state"]["path"] == str(server.root / "wsrt.ms")
        assert hello["result"]["state"]["x"] != "frequency"  # nothing of it was done
        for strange in ([path], {"a": path}, 7, True):
            answer, _ = await client.ask("set", changes={"path": strange})
            assert not answer["ok"]
        client.close()

    run(story())


@pytest.mark.parametrize("form", ["relative", "absolute", "another root"])
def test_a_viewer_can_go_where_rest_does(server, form):
    place = {
        "relative": "wsrt.ms",
        "absolute": str(server.root / "wsrt.ms"),
        "another root": str(server.root.parent / "stage" / "wsrt.ms"),
    }[form]

    async def story():
        client = await opened(server, "alma.ms")
        answer, _ = await client.ask("set", changes={"path": place})
        assert answer["ok"], answer
        hello, _ = await client.ask("hello")
        assert hello["result"]["state"]["path"].endswith("/wsrt.ms")
        client.close()

    run(story())


@pytest.mark.parametrize(
    "frame", ["no JSON", "[]", b"\0\0\0\0", b"\x02\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff", b"", '{"kind":' * 2]
)
def test_what_is_no_message_ends_the_connection(server, frame):
    async def story():
        client = await opened(server, "wsrt.ms")
        await client.socket.write_message(frame, binary=isinstance(frame, bytes))
        closed, reason = await client.end()
        assert (closed, reason["code"]) == (4400, "bad-request")

    run(story())


def test_a_frame_that_is_too_large_ends_the_connection(server):
    async def story():
        client = await opened(server, "wsrt.ms")
        with contextlib.suppress(WebSocketClosedError):
            await client.socket.write_message(b"\0" * (MOST_BYTES + 1), binary=True)
        closed, _ = await client.end()
        assert closed != 1000

    run(story())


def test_buffers_are_taken(server):
    async def story():
        client = await opened(server, "wsrt.ms")
        answer, _ = await client.ask("hello", [b"x" * 1000, b""])
        assert answer["ok"]
        client.close()

    run(story())


def test_another_origin_is_refused(server):
    # a page elsewhere has the user's cookie, and no token
    cookie = server.raw("/api/status").headers["Set-Cookie"].partition(";")[0]
    mine = {"Authorization": "", "Cookie": cookie}
    with pytest.raises(HTTPClientError) as refusal:
        run(opened(server, headers={**mine, "Origin": "http://elsewhere.example"}))
    assert refusal.value.code == 403
    run(opened(server, headers={**mine, "Origin": f"http://127.0.0.1:{server.port}"}))


def test_a_stranger_is_refused(server):
    with pytest.raises(HTTPClientError) as refusal:
        run(opened(server, headers={"Authorization": "token wrong"}))
    assert refusal.value.code == 403


def test_the_process_ends_with_the_connection(alone):
    async def story():
        client = await opened(alone)
        await client.ask("hello")
        (worker,) = alone.workers
        client.close()
        return worker

    worker = run(story())
    eventually(lambda: worker not in alone.workers)


def test_a_process_that_dies_is_replaced_with_the_state_it_had(alone):
    async def story():
        client = await opened(alone)
        await client.event("picture")
        await client.ask("set", changes={"x": "frequency", "y": "baseline", "path": "wsrt.ms"})
        await client.event("picture")
        (worker,) = alone.workers
        os.kill(worker, signal.SIGABRT)
        restarted = await client.event("restarted")
        assert restarted["code"] == "worker-lost"
        assert "SIGABRT" in restarted["message"]
        hello, _ = await client.ask("hello")
        state = hello["result"]["state"]
        assert (state["x"], state["y"], state["path"]) == ("frequency", "baseline", str(alone.root / "wsrt.ms"))
        picture = await client.event("picture")
        tile, _ = await client.ask("tile", generation=picture["generation"], x0=0, x1=1, y0=0, y1=1)
        assert tile["ok"]
        # and once more, at once: it is not tried again
        (worker,) = alone.workers
        os.kill(worker, signal.SIGABRT)
        closed, reason = await client.end()
        assert (closed, reason["code"], reason["reloadable"]) == (4500, "worker-lost", False)

    run(story())
    assert alone.raw("/dsa110-vis/api/versions").status == 200


def test_who_waits_when_the_process_dies_is_answered(start_server, locked):
    server = start_server(locked.parent)

    async def story():
        client = await opened(server, "locked.ms")
        await client.ask("hello")
        (worker,) = server.workers
        os.kill(worker, signal.SIGSTOP)  # so that it cannot answer before it dies
        ident = await client.say("hello")
        os.kill(worker, signal.SIGABRT)
        os.kill(worker, signal.SIGCONT)
        answer, _ = await client.answer(ident)
        return answer

    answer = run(story())
    assert answer["ok"] or answer["error"]["code"] == "worker-lost"


def test_no_more_viewers_than_may_be(start_server, observations):
    server = start_server(observations, "--Dsa110VisApp.max_viewers=1")

    async def story():
        first = await opened(server, "wsrt.ms")
        await first.ask("hello")
        second = await opened(server, "wsrt.ms")
        closed, reason = await second.end()
        assert (closed, reason["code"], reason["reloadable"]) == (4503, "too-many-viewers", True)
        first.close()
        await first.end()
        third = await opened(server, "wsrt.ms")
        answer, _ = await third.ask("hello")
        assert answer["ok"]
        third.close()

    run(story())


def test_a_viewer_counts_as_activity(alone):
    def last():
        return alone.raw("/api/status").json["last_activity"]

    async def story():
        client = await opened(alone, "wsrt.ms")
        await client.event("picture")
        before = last()
        await client.ask("hello")
        assert last() > before
        client.close()

    run(story())
    quiet = last()
    assert alone.raw("/dsa110-vis/api/versions").status == 200  # what is polled does not count
    assert last() == quiet


@pytest.mark.parametrize("text", ["", "short", "long " * 100, "\N{GREEK SMALL LETTER ALPHA}" * 100, '"' * 200])
def test_a_reason_fits_into_the_frame_that_closes(text):
    said = close_reason(OptionError(text, text), reloadable=True)
    assert len(said.encode()) <= 123
    assert json.loads(said)["code"] == "bad-option"
    assert json.loads(said)["reloadable"] is True


def test_where_there_is_room_the_message_comes_before_the_hint():
    said = json.loads(close_reason(OptionError("This is wrong.", "Do that. " * 30), reloadable=False))
    assert said["message"] == "This is wrong."
    assert said["hint"].endswith("...")


# -- images ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def gallery(start_server, write_image, sky, tmp_path):
    """A server on a folder with two images, and one outside."""
    root = tmp_path / "root"
    root.mkdir()
    for name in ("field.fits", "other.fits"):
        write_image(sky, name).rename(root / name)
    write_image(sky, "secret.fits")
    (root / "leaves.fits").symlink_to(tmp_path / "secret.fits")
    (root / "notes.txt").write_text("no image")
    return start_server(root)


async def drawn(client, shape):
    image = await client.event("image")
    answer, _ = await client.ask("draw", generation=image["generation"], mode="add", shape=shape)
    assert answer["ok"], answer
    answer, _ = await client.ask("statistics", of="mask")
    assert answer["ok"], answer
    return answer["result"]


def test_an_image_is_shown_and_drawn_on_without_a_file_being_written(gallery):
    before = sorted(gallery.root.rglob("*"))

    async def story():
        client = await opened(gallery, "field.fits", view="mask-draw")
        found = await drawn(client, {"shape": "circle", "x": 100, "y": 90, "radius": 12})
        assert found["npix"] == 441
        assert (found["peak_x"], found["peak_y"]) == (100, 90)
        tile, (data,) = await client.ask("tile", generation=1, plane=0, level=0, column=0, row=0)
        assert len(data) == 4 * tile["result"]["nx"] * tile["result"]["ny"] == 4 * 256 * 256
        answer, (data,) = await client.ask("save", format="mask.fits")
        assert bytes(data).startswith(b"SIMPLE")
        answer, _ = await client.ask("write_mask")
        assert answer["error"]["code"] == "bad-option"
        client.close()

    run(story())
    assert sorted(gallery.root.rglob("*")) == before


def test_20_000_regions_come_in_frames_of_at_most_4_mib(gallery):
    text = "image\n" + "\n".join(f"ellipse({k % 300}.123456789,{k / 80!r},3.25,1.7,31.4)" for k in range(20_000))
    sizes = []

    class Sizes(Client):
        async def next(self):
            frame = await self.socket.read_message()
            self.over = frame is None
            sizes.append(0 if frame is None else len(frame))
            return None if frame is None else unpack(frame)

    async def events(client):
        found = []
        while not (found and found[-1]["last"]):
            found.append(await client.event("regions"))
        return found

    async def story():
        client = await Sizes.open(gallery, view="mask-draw", path="field.fits")
        await client.ask("hello")
        await client.event("image")
        await events(client)
        answer, _ = await client.ask("import", name="many.reg", text=text)
        assert answer["result"]["n_regions"] == 20_000
        came = await events(client)
        assert len(came) > 1
        (first, *_), *_ = [run["regions"] for event in came for run in event["added"]]
        sizes.clear()
        await client.ask("edit_regions", generation=1, action="replace", regions=[{**first, "x": 7.0}])
        (moved,) = await events(client)
        assert (moved["changed"], moved["added"]) == ([{**first, "x": 7.0}], [])
        edit = sum(sizes)
        await client.ask("hello")
        again = await events(client)
        client.close()
        return edit, sum(len(run["regions"]) for event in again for run in event["added"])

    edit, n = run(story())
    assert n == 20_000
    assert edit < 10_000
    assert 1 << 20 < max(sizes) <= 4 << 20


def test_what_is_drawn_outlives_its_process(gallery):
    async def story():
        client = await opened(gallery, "field.fits", view="mask-draw")
        before = await drawn(client, {"shape": "circle", "x": 100, "y": 90, "radius": 12})
        await client.ask("set", changes={"stretch": "log"})
        (worker,) = gallery.workers
        eventually(lambda: list(gallery.temporary.glob("dsa110-vis-drawing-*/regions.json")))
        os.kill(worker, signal.SIGABRT)
        await client.event("restarted")
        hello = None
        while not (hello and hello["image"]):
            hello = (await client.ask("hello"))[0]["result"]
        after = (await client.ask("statistics", of="mask"))[0]["result"]
        client.close()
        return before, after, hello["state"]["stretch"]

    before, after, stretch = run(story())
    assert after == before
    assert stretch == "log"


@pytest.mark.parametrize("control", ["path", "compare"])
@pytest.mark.parametrize(
    ("path", "code"),
    [("../secret.fits", "forbidden-path"), ("leaves.fits", "forbidden-path"), ("/etc/passwd", "forbidden-path")],
)
def test_an_image_viewer_cannot_go_where_rest_does_not(gallery, control, path, code):
    async def story():
        client = await opened(gallery, "field.fits", view="mask-draw")
        answer, _ = await client.ask("set", changes={control: path})
        assert (answer["ok"], answer["error"]["code"]) == (False, code)
        answer, _ = await client.ask("set", changes={control: "other.fits"})
        assert answer["ok"]
        client.close()

    run(story())


def test_a_file_that_is_no_image_is_said_in_the_viewer(gallery):
    async def story():
        client = await opened(gallery, "notes.txt", view="mask-draw")
        failure = await client.event("failure")
        client.close()
        return failure

    failure = run(story())
    assert failure["code"] == "not-an-image"
    assert "notes.txt is no FITS file" in failure["message"]
