"""The state machine of a session, on a small numpy imager: states, stopping, undo, branches, resuming, failures."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from numpy_engine import SIZE, SOURCES, NumpyEngine

from dsa110_vis.clean.parameters import Parameters
from dsa110_vis.clean.session import CleanSession
from dsa110_vis.clean.states import ENDED, TRANSITIONS, WORKING, State, StopReason
from dsa110_vis.errors import (
    CheckpointError,
    CleanError,
    MeasurementSetChangedError,
    MeasurementSetNotFoundError,
    OptionError,
    ParameterError,
    SessionBusyError,
    SessionStateError,
)

WAIT = 60


@pytest.fixture
def ms(tmp_path):
    """A folder that looks like a Measurement Set to who only asks whether it is there."""
    path = tmp_path / "obs.ms"
    path.mkdir()
    (path / "table.dat").write_bytes(b"data")
    return path


@pytest.fixture
def parameters(tmp_path, ms):
    return Parameters(
        vis=str(ms), imagename=str(tmp_path / "img"), imsize=SIZE, cell="1arcsec", niter=10_000, threshold="0.02mJy"
    )


@pytest.fixture
def make(parameters):
    """Makes sessions, and closes them."""
    made = []

    def session(chosen=None, **options):
        new = CleanSession(chosen or parameters, engine=NumpyEngine, **{"chunk_seconds": None, **options})
        made.append(new)
        return new

    yield session
    for one in made:
        one._engine and one._engine.gate.set()
        one.close()


def box(size=5):
    """A mask with a box about each source."""
    mask = np.zeros((1, 1, SIZE, SIZE), bool)
    for y, x, _ in SOURCES:
        mask[..., y - size : y + size + 1, x - size : x + size + 1] = True
    return [mask]


@pytest.fixture
def ready(make):
    session = make()
    session.start().result(WAIT)
    session.set_masks(box()).result(WAIT)
    return session


def states_of(session):
    seen = []
    session.listen(lambda event, data: seen.append((data["state"], data["reason"])) if event == "state" else None)
    return seen


def residual(session):
    return session._engine.residual


# -- the way through ---------------------------------------------------------------------------------------------------


def test_a_whole_session_goes_through_its_states_and_finds_the_sources(make):
    session = make()
    seen = states_of(session)
    session.start().result(WAIT)
    assert session.state is State.READY
    session.set_masks(box()).result(WAIT)
    paths = session.finish().result(WAIT)
    assert [state for state, _ in seen] == [
        "psf", "dirty", "ready", *["minor", "major"] * (len(session.cycles) - 2), "restoring", "finished",
    ]  # fmt: skip
    assert seen[-1] == ("finished", "threshold")
    assert session.reason is StopReason.THRESHOLD
    model = session._engine.models()[0][0, 0, 0]
    for y, x, flux in SOURCES:
        assert model[y - 1 : y + 2, x - 1 : x + 2].sum() == pytest.approx(flux, rel=0.02)
    assert np.abs(residual(session)[0][box()[0][0, 0]]).max() <= 2e-5 * 1.01
    assert Path(paths[0]).exists()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, "threshold"),
        ({"niter": 0}, "niter"),
        ({"nmajor": 2}, "nmajor"),
        ({"niter": 30}, "niter"),
        (None, "empty mask"),
    ],
)
@pytest.mark.parametrize("before", [State.READY, State.STOPPED, State.FINISHED])
def test_who_hears_everything_of_a_finish_hears_one_end_and_that_last(ready, changes, reason, before):
    if changes is None:
        ready.set_masks([np.zeros_like(mask) for mask in ready.masks]).result(WAIT)
    else:
        ready.set_parameters(**changes).result(WAIT)
    if before is State.STOPPED:
        ready.stop()
        ready.set_masks(ready.masks).result(WAIT)  # after it
    elif before is State.FINISHED:
        ready.finish().result(WAIT)
    heard = []
    ready.listen(lambda event, data: heard.append((event, data, ready.state)))
    ready.finish().result(WAIT)
    told = [(data["state"], data["reason"]) for event, data, _ in heard if event == "state"]
    assert told[-2:] == [("restoring", reason), ("finished", reason)]
    assert not ENDED & {state for *_, state in heard[:-1]}
    assert heard[-1] == ("state", {"state": "finished", "reason": reason, "failure": None}, State.FINISHED)


def test_a_user_who_stops_a_finish_hears_one_end_too(ready):
    ready._cleaning._chunks._aim = 1e-9
    states, asked = states_of(ready), []
    ready.listen(
        lambda event, _: (
            asked.append(ready.stop()) if event == "progress" and ready.state is State.MINOR and not asked else None
        )
    )
    assert ready.finish().result(WAIT) == []
    assert states == [("minor", None), ("stopped", "user")]


def test_a_finish_that_a_full_disk_holds_up_has_not_ended(ready, monkeypatch):
    ready.set_parameters(nmajor=1).result(WAIT)
    no_room = CheckpointError("No room.")

    def full():
        raise no_room

    keep = ready._cleaning._history.keep
    states = states_of(ready)
    ready.listen(
        lambda event, _: monkeypatch.setattr(ready._cleaning._history, "keep", full) if event == "cycle" else None
    )
    with pytest.raises(CheckpointError, match="No room"):
        ready.finish().result(WAIT)
    assert states == [("minor", None), ("major", None), ("ready", None)]
    assert ready.failure is no_room
    monkeypatch.setattr(ready._cleaning._history, "keep", keep)
    assert ready.finish().result(WAIT)
    assert states[-2:] == [("restoring", "nmajor"), ("finished", "nmajor")]


def test_every_state_but_failed_can_be_left_and_every_state_can_be_reached():
    assert set(TRANSITIONS) == set(State)
    assert set().union(*TRANSITIONS.values()) == set(State) - {State.STARTING}
    assert [state for state, after in TRANSITIONS.items() if not after] == [State.FAILED]
    assert all(State.FAILED in after for state, after in TRANSITIONS.items() if after)
    assert all(State.STOPPED in TRANSITIONS[state] for state in WORKING)


def test_n_cycles_are_n_cycles(ready):
    assert ready.run(1).result(WAIT) is None
    assert ready.state is State.READY
    assert ready.run(2).result(WAIT) is None
    assert [entry["kind"] for entry in ready.cycles] == ["dirty", "mask", "cycle", "cycle", "cycle"]
    assert [entry["major"] for entry in ready.cycles] == [0, 0, 1, 2, 3]


def test_commands_need_a_session_that_is_started_and_good_numbers(make):
    session = make()
    with pytest.raises(SessionStateError, match="started"):
        session.run().result(WAIT)
    session.start().result(WAIT)
    with pytest.raises(SessionStateError, match="started already"):
        session.start().result(WAIT)
    with pytest.raises(SessionStateError, match="0 cycles"):
        session.run(0).result(WAIT)
    with pytest.raises(SessionStateError, match="dirty image"):
        session.undo().result(WAIT)
    with pytest.raises(SessionStateError, match="latest"):
        session.redo().result(WAIT)
    with pytest.raises(CheckpointError, match="no checkpoint 7"):
        session.go_to(7).result(WAIT)
    assert session.state is State.READY
    assert session.failure is None


# -- why it stops ------------------------------------------------------------------------------------------------------


def test_an_empty_mask_cleans_nothing_and_says_so(make):
    session = make()
    session.start().result(WAIT)
    assert session.run().result(WAIT) is StopReason.EMPTY_MASK
    assert session.state is State.STOPPED
    session.set_masks(box()).result(WAIT)
    assert session.run().result(WAIT) is None


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"niter": 30}, StopReason.NITER),
        ({"niter": 0}, StopReason.NITER),
        ({"nmajor": 2}, StopReason.NMAJOR),
        ({"threshold": "0.1Jy"}, StopReason.THRESHOLD),
        ({"nsigma": 200.0}, StopReason.NSIGMA),
    ],
)
def test_each_rule_stops_by_its_name(ready, changes, reason):
    ready.set_parameters(**changes).result(WAIT)
    assert ready.run(None).result(WAIT) is reason
    assert (ready.state, ready.reason) == (State.STOPPED, reason)
    done = ready.cycles[-1]
    if reason is StopReason.NITER:
        assert done["iterations"] == changes["niter"]
    if reason is StopReason.NMAJOR:
        assert done["major"] == 2


def test_negative_sources_count(ready):
    mask = box()[0]
    mask[:] = False
    y, x, flux = SOURCES[2]
    assert flux < 0
    mask[..., y - 3 : y + 4, x - 3 : x + 4] = True
    ready.set_masks([mask]).result(WAIT)
    assert ready.run(1).result(WAIT) is None
    assert ready.cycles[-1]["iterations"] > 0


def test_a_session_goes_on_after_it_stopped_or_finished(ready):
    ready.set_parameters(threshold="100mJy").result(WAIT)
    ready.finish().result(WAIT)
    assert ready.state is State.FINISHED
    before = ready.cycles[-1]["iterations"]
    ready.set_parameters(threshold="5mJy").result(WAIT)
    assert ready.run(None).result(WAIT) is StopReason.THRESHOLD
    assert ready.cycles[-1]["iterations"] > before


def test_pausing_in_a_minor_cycle_leaves_it_open_and_loses_nothing(ready):
    ready.run(1).result(WAIT)
    whole, iterations = residual(ready), ready.cycles[-1]["iterations"]
    ready.undo().result(WAIT)
    ready._cleaning._chunks._aim = 1e-9  # chunks of one iteration
    asked = []
    ready.listen(
        lambda event, _: (
            asked.append(ready.pause()) if event == "progress" and ready.state is State.MINOR and not asked else None
        )
    )
    assert ready.run(1).result(WAIT) is None
    assert ready.state is State.READY
    assert [entry["kind"] for entry in ready.cycles] == ["dirty", "mask", "cycle"]
    ready.run(1).result(WAIT)
    assert np.array_equal(residual(ready), whole)
    assert (ready.cycles[-1]["major"], ready.cycles[-1]["iterations"]) == (1, iterations)


def test_stopping_answers_between_two_chunks(make):
    session = make(chunk_seconds=1e-9)
    session.start().result(WAIT)
    session.set_masks(box()).result(WAIT)
    stopped = []

    def stop(event, _data):
        if event == "progress" and session.state is State.MINOR and not stopped:
            stopped.append(len(session._engine.calls))
            session.stop()

    session.listen(stop)
    waiting = [session.run(None), session.run(None)]
    assert waiting[0].result(WAIT) is None
    assert waiting[1].cancelled()
    assert (session.state, session.reason) == (State.STOPPED, StopReason.USER)
    assert len(session._engine.calls) == stopped[0]  # nothing was done after it
    assert session.finish().result(WAIT)
    assert session.state is State.FINISHED


def test_stopping_a_session_at_rest(ready):
    ready.stop()
    ready.set_masks(box(4)).result(WAIT)
    assert (ready.state, ready.reason) == (State.STOPPED, StopReason.USER)


# -- changes between chunks --------------------------------------------------------------------------------------------


def test_mask_and_parameters_change_between_two_chunks_of_a_run(make):
    session = make(chunk_seconds=1e-9)
    session.start().result(WAIT)
    session.set_masks(box()).result(WAIT)
    changed = []

    def change(event, _data):
        if event == "progress" and session.state is State.MINOR and not changed:
            changed.append(session.set_parameters(gain=0.2, threshold="50mJy"))
            changed.append(session.set_masks(box(3)))

    session.listen(change)
    assert session.run(None).result(WAIT) is StopReason.THRESHOLD
    for future in changed:
        future.result(WAIT)
    assert session.parameters.gain == 0.2
    assert np.array_equal(session.masks[0], box(3)[0])
    assert [entry["kind"] for entry in session.cycles[:4]] == ["dirty", "mask", "mask", "cycle"]
    assert session.cycles[-1]["peak"] == pytest.approx(50e-3, rel=0.2)
    assert session._engine.parameters.gain == 0.2


def test_what_cannot_change_is_refused_and_nothing_changes(ready):
    with pytest.raises(ParameterError, match="imsize cannot change in a session"):
        ready.set_parameters(imsize=128).result(WAIT)
    with pytest.raises(ParameterError, match="gain"):
        ready.set_parameters(gain=-3).result(WAIT)
    with pytest.raises(ParameterError, match=r"(?s)'gian'.*gain"):
        ready.set_parameters(gian=0.3).result(WAIT)
    with pytest.raises(OptionError, match="shapes"):
        ready.set_masks([np.zeros((1, 1, 3, 3), bool)]).result(WAIT)
    assert ready.parameters.gain == 0.1
    assert ready.state is State.READY


# -- back and forth ----------------------------------------------------------------------------------------------------


def test_undo_and_redo_are_exact(ready):
    residuals = [residual(ready)]
    for _ in range(3):
        ready.run(1).result(WAIT)
        residuals.append(residual(ready))
    for expected in residuals[-2::-1]:
        ready.undo().result(WAIT)
        assert np.array_equal(residual(ready), expected)
    ready.undo().result(WAIT)  # of the mask
    assert not ready.masks[0].any()
    assert not ready._engine.masks()[0].any()
    ready.redo().result(WAIT)
    assert np.array_equal(ready.masks[0], box()[0])
    assert np.array_equal(ready._engine.masks()[0], box()[0])
    for expected in residuals[1:]:
        ready.redo().result(WAIT)
        assert np.array_equal(residual(ready), expected)
    assert len(ready.cycles) == 5


def test_a_mask_is_undone_in_a_session_that_has_stopped_or_finished(ready):
    ready.stop()
    ready.undo().result(WAIT)
    assert ready.state is State.READY
    assert not ready.masks[0].any()
    ready.redo().result(WAIT)
    ready.set_parameters(threshold="0.1Jy").result(WAIT)
    ready.finish().result(WAIT)
    ready.set_masks(box(2)).result(WAIT)
    assert ready.state is State.FINISHED
    ready.undo().result(WAIT)
    assert ready.state is State.READY
    assert np.array_equal(ready.masks[0], box()[0])


def test_a_cycle_from_an_earlier_checkpoint_begins_a_branch(ready):
    ready.run(2).result(WAIT)
    mask, first, second = (entry["id"] for entry in ready.cycles[1:])
    there = residual(ready)
    ready.go_to(first).result(WAIT)
    ready.set_masks(box(2)).result(WAIT)
    ready.run(1).result(WAIT)
    assert [entry["parent"] for entry in ready.cycles] == [None, 0, mask, first, first, ready.cycles[4]["id"]]
    assert list(ready.convergence["checkpoint"].unique()) == [0, first, ready.cycles[5]["id"]]
    ready.go_to(second).result(WAIT)
    assert np.array_equal(residual(ready), there)
    assert np.array_equal(ready.masks[0], box()[0])


def test_undoing_a_paused_cycle_takes_only_that_back(make):
    session = make(chunk_seconds=1e-9)
    session.start().result(WAIT)
    session.set_masks(box()).result(WAIT)
    before = residual(session)
    asked = []
    session.listen(
        lambda event, _: (
            asked.append(session.pause())
            if event == "progress" and session.state is State.MINOR and not asked
            else None
        )
    )
    session.run(1).result(WAIT)
    assert not np.array_equal(residual(session), before)
    session.undo().result(WAIT)
    assert np.array_equal(residual(session), before)
    assert session.cycle == 1


# -- the record --------------------------------------------------------------------------------------------------------


def test_the_convergence_record_has_a_row_for_every_plane_and_cycle(make, parameters):
    session = make(parameters.changed(specmode="cube", nchan=3))
    session.start().result(WAIT)
    session.set_masks([np.repeat(box()[0], 3, axis=1)]).result(WAIT)
    session.run(2).result(WAIT)
    table = session.convergence
    assert len(table) == 3 * 3
    assert list(table["channel"]) == [0, 1, 2] * 3
    assert set(table["stokes"]) == {"I"}
    last = table[table["major"] == 2]
    assert last["iterations"].sum() + table[table["major"] == 1]["iterations"].sum() == session.cycles[-1]["iterations"]
    assert last["peak_inside"].max() == pytest.approx(session.cycles[-1]["peak"])
    assert last["flux"].sum() == pytest.approx(session.cycles[-1]["flux"])
    assert table.loc[table["major"] == 0, "cycle_threshold"].isna().all()
    assert (last["seconds"] > 0).all()
    assert json.loads(json.dumps(session.summary()))["cycle"] == 3


def test_progress_tells_iterations_peak_and_steps(ready):
    heard = []
    ready.listen(lambda event, data: heard.append((str(ready.state), data)) if event == "progress" else None)
    ready.run(1).result(WAIT)
    minor = [data for state, data in heard if state == "minor"]
    major = [data for state, data in heard if state == "major"]
    assert "iterations" in minor[-1]["text"]
    assert "Jy/beam" in minor[-1]["text"]
    assert minor[-1]["fraction"] == pytest.approx(1.0, abs=0.05)
    assert [data["fraction"] for data in major] == sorted(data["fraction"] for data in major)


# -- another process, another day --------------------------------------------------------------------------------------


def test_a_resumed_session_gives_the_same_numbers_as_one_that_was_not_interrupted(make, parameters):
    one = make(parameters.changed(imagename=f"{parameters.imagename}-whole"))
    one.start().result(WAIT)
    one.set_masks(box()).result(WAIT)
    one.run(4).result(WAIT)

    two = make()
    two.start().result(WAIT)
    two.set_masks(box()).result(WAIT)
    two.run(2).result(WAIT)
    two.close()
    again = make(resume=True)
    again.start().result(WAIT)
    assert again._engine.calls == ["resume", "major"]
    assert np.array_equal(again.masks[0], box()[0])
    again.run(2).result(WAIT)
    assert np.array_equal(residual(again), residual(one))
    assert np.array_equal(again._engine.models()[0], one._engine.models()[0])
    kept = ["checkpoint", "major", "iterations", "peak_inside", "peak_outside", "rms", "flux", "cycle_threshold"]
    assert again.convergence[kept].equals(one.convergence[kept])


def test_resuming_takes_new_limits_and_refuses_another_image(make, parameters):
    session = make()
    session.start().result(WAIT)
    session.close()
    with pytest.raises(ParameterError, match="imsize"):
        make(parameters.changed(imsize=128), resume=True).start().result(WAIT)
    again = make(parameters.changed(gain=0.3), resume=True)
    again.start().result(WAIT)
    assert again.parameters.gain == 0.3


def test_a_session_that_exists_is_not_overwritten(make):
    make().start().result(WAIT)
    with pytest.raises(SessionBusyError, match="held by process"):
        make().start().result(WAIT)


def test_a_session_with_checkpoints_is_not_begun_anew(make):
    session = make()
    session.start().result(WAIT)
    session.close()
    again = make()
    with pytest.raises(CheckpointError, match="There is a session"):
        again.start().result(WAIT)
    assert again.state is State.FAILED


# -- what goes wrong ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", ["open", "psf", "major", "minor", "restore"])
def test_a_step_that_fails_is_told_and_the_session_resumes(make, parameters, step):
    session = make()
    broken = Path(f"{parameters.imagename}.broken")
    if step in ("minor", "restore"):
        session.start().result(WAIT)
        session.set_masks(box()).result(WAIT)
        broken.write_text(step)
        with pytest.raises(CleanError, match=f"The {step} step"):
            session.finish().result(WAIT)
    else:
        broken.write_text(step)
        with pytest.raises(CleanError, match=f"The {step} step"):
            session.start().result(WAIT)
    assert session.state is State.FAILED
    assert session.failure.message == f"The {step} step was told to fail."
    with pytest.raises(SessionStateError, match="Resume it"):
        session.run().result(WAIT)
    session.close()
    broken.unlink()
    again = make(resume=True)
    again.start().result(WAIT)
    again.set_masks(box()).result(WAIT)
    assert again.run(1).result(WAIT) is (None if step != "restore" else StopReason.THRESHOLD)


def test_a_fault_of_ours_is_told_in_a_sentence(ready, monkeypatch):
    monkeypatch.setattr(ready._engine, "minor", lambda _controls: 1 / 0)
    with pytest.raises(CleanError, match="ZeroDivisionError"):
        ready.run().result(WAIT)
    assert ready.state is State.FAILED


def test_data_that_changed_or_went_away_hold_the_session_up_and_lose_nothing(ready, ms):
    ready.run(1).result(WAIT)
    (ms / "table.dat").rename(ms / "away")
    with pytest.raises(MeasurementSetNotFoundError, match=r"obs\.ms"):
        ready.run(1).result(WAIT)
    assert ready.state is State.READY
    assert ready.failure.code == "ms-not-found"
    (ms / "away").rename(ms / "table.dat")
    assert ready.run(1).result(WAIT) is None
    assert ready.failure is None
    assert ready.cycles[-1]["major"] == 2
    (ms / "table.dat").write_bytes(b"other data")
    with pytest.raises(MeasurementSetChangedError, match="changed"):
        ready.run(1).result(WAIT)
    assert ready.state is State.READY


def test_a_full_disk_holds_the_session_up_and_the_cycle_is_kept_later(ready, monkeypatch):
    full, no_room = [], CheckpointError("No room.")
    add = type(ready._store).add

    def refuse(self, **kwargs):
        if full:
            raise no_room
        return add(self, **kwargs)

    monkeypatch.setattr(type(ready._store), "add", refuse)
    full.append(True)
    with pytest.raises(CheckpointError, match="No room"):
        ready.run(1).result(WAIT)
    assert ready.state is State.READY
    assert len(ready.cycles) == 2
    with pytest.raises(CheckpointError, match="No room"):
        ready.run(1).result(WAIT)
    with pytest.raises(CheckpointError, match="No room"):
        ready.set_masks(box(3)).result(WAIT)
    full.clear()
    ready.run(1).result(WAIT)
    assert [entry["kind"] for entry in ready.cycles] == ["dirty", "mask", "cycle", "mask", "cycle"]
    assert [entry["major"] for entry in ready.cycles] == [0, 0, 1, 1, 2]


def test_a_damaged_checkpoint_is_named_and_the_one_before_it_taken_up(make):
    session = make()
    session.start().result(WAIT)
    session.set_masks(box()).result(WAIT)
    session.run(1).result(WAIT)
    before = residual(session)
    session.run(1).result(WAIT)
    session.close()
    (damaged,) = session.folder.glob("cycle-00003.model.npz")
    damaged.write_bytes(damaged.read_bytes()[:-20])
    again = make(resume=True)
    again.start().result(WAIT)
    assert again.state is State.READY
    assert damaged.name in again.failure.message
    assert "goes on from checkpoint 2" in again.failure.message
    assert np.array_equal(residual(again), before)
    again.run(1).result(WAIT)
    assert again.failure is None
    assert again.cycles[-1]["parent"] == 2


def test_closing_frees_the_session_for_another(make):
    session = make()
    session.start().result(WAIT)
    session.close()
    session.close()
    assert session._engine.closed
    with pytest.raises(SessionStateError, match="closed"):
        session.run().result(WAIT)
    make(resume=True).start().result(WAIT)
