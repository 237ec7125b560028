"""What the server must not open, in every way to write it: refused, without a word about what is there."""

from __future__ import annotations

import pytest

from dsa110_vis._version import __version__

API = "/dsa110-vis/api/ms"


def targets(outside):
    """Addresses, and the statuses that refuse them."""
    absolute = str(outside)
    return {
        "up": ("../outside/secret.ms", 403),
        "up, slashes encoded": ("..%2Foutside%2Fsecret.ms", 403),
        "up, dots encoded": ("%2e%2e/outside/secret.ms", 403),
        "up, dots and slashes encoded": ("%2E%2e%2foutside%2fsecret.ms", 403),
        "up, from a folder": ("nested/../../outside/secret.ms", 403),
        "up and back": ("../root/wsrt.ms", 403),
        "up, encoded twice": ("%252e%252e%252foutside%252fsecret.ms", 404),
        "up, with backslashes": ("..%5Coutside%5Csecret.ms", 404),
        "up, overlong UTF-8": ("%c0%ae%c0%ae/outside/secret.ms", 400),
        "absolute": (absolute, 403),
        "absolute, encoded": (absolute.replace("/", "%2F"), 403),
        "absolute, many slashes": ("//" + absolute, 403),
        "the system's": ("%2Fetc", 403),
        "the system's, nothing there": ("%2Fetc%2Fnothing-here", 403),
        "a link that leaves": ("leaves.ms", 403),
        "a link to nothing outside": ("dangles.ms", 403),
        "into a link that leaves": ("leaves.ms/ANTENNA", 403),
        "up through a link": ("stage/../outside/secret.ms", 403),
        "hidden": (".hidden/wsrt.ms", 404),
        "hidden, encoded": ("%2Ehidden/wsrt.ms", 404),
        "hidden behind a link": ("hides.ms", 404),
        "nothing": ("gone.ms", 404),
        "a home": ("~/wsrt.ms", 404),
        "below a file": ("notes.txt/wsrt.ms", 404),
        "a file": ("notes.txt", 422),
        "a folder": ("nested", 422),
        "the root": ("", 422),
        "NUL": ("wsrt.ms%00", 422),
        "NUL within": ("ws%00rt.ms", 422),
        "a long name": ("a" * 300, 422),
        "a long path": ("a/" * 2500, 422),
        "no UTF-8": ("%ff%fe.ms", 400),
        "a new line": ("wsrt.ms%0A", 404),
    }


@pytest.mark.parametrize("what", ["summary", "antennas", "raster"])
@pytest.mark.parametrize("case", targets("/x"))
def test_refused(server, case, what):
    target, status = targets(server.root.parent / "outside" / "secret.ms")[case]
    answer = server.raw(f"{API}/{target}/{what}")
    assert answer.status == status, answer.body
    assert set(answer.json) == {"message", "reason", "code", "hint"}
    assert answer.json["message"]
    assert "Traceback" not in answer.body.decode()


def test_what_is_outside_is_refused_in_the_same_words_whether_it_is_there_or_not(server):
    there, nothing = (
        server.raw(f"{API}/{target}/summary").body.decode().replace(target.removesuffix(".ms"), "NAME")
        for target in ("leaves.ms", "dangles.ms")
    )
    assert there == nothing


def test_nothing_was_read_for_them(server):
    # the access would have left casacore's lock file, or a process
    secret = server.root.parent / "outside" / "secret.ms"
    before = sorted(path.name for path in secret.iterdir())
    for target, _ in targets(secret).values():
        server.raw(f"{API}/{target}/summary")
    assert sorted(path.name for path in secret.iterdir()) == before


@pytest.mark.parametrize(
    "target",
    [
        "wsrt.ms",
        "./wsrt.ms",
        "stays.ms",
        "nested/2026-01-25T22:26:05%20%CE%B1~23.ms",
        "nested%2F2026-01-25T22%3A26%3A05%20%CE%B1%7E23.ms",
        "stage/wsrt.ms",  # a link into a folder that is served too
    ],
)
def test_what_is_allowed_is_opened(server, target):
    assert server.raw(f"{API}/{target}/summary").status == 200


@pytest.mark.parametrize("slash", ["/", "%2F"])
def test_absolute_paths_under_a_data_root(server, slash):
    target = str(server.root.parent / "stage" / "wsrt.ms").replace("/", slash)
    assert server.raw(f"{API}/{target}/summary").status == 200


def test_hidden_folders_where_the_operator_allows_them(start_server, observations):
    server = start_server(observations, "--ContentsManager.allow_hidden=True")
    assert server.raw(f"{API}/.hidden/wsrt.ms/summary").status == 200
    assert server.raw(f"{API}/stage/wsrt.ms/summary").status == 403  # no data root here


@pytest.mark.parametrize("target", ["", "/", "/ms", "/ms/wsrt.ms", "/ms/wsrt.ms/rows", "/versions/x", "/ws/x"])
def test_addresses_that_do_not_exist_are_answered_in_json(server, target):
    answer = server.raw(f"/dsa110-vis/api{target}")
    assert (answer.status, answer.json["code"]) == (404, "not-found")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "HEAD"])
def test_other_methods_are_refused(server, method):
    answer = server.raw(f"{API}/wsrt.ms/summary", method=method)
    assert answer.status == 405
    assert "GET" in answer.headers["Allow"]


def test_a_stranger_learns_nothing(server):
    for target in ("wsrt.ms", "gone.ms", "%2Fetc"):
        answer = server.raw(f"{API}/{target}/summary", {"Authorization": "token wrong"})
        assert (answer.status, answer.json["code"]) == (403, "forbidden")
        assert __version__ not in answer.body.decode()
