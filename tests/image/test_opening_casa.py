"""CASA images as CASA makes them, changes them and as they are when they are broken."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys

import numpy as np
import pytest

from dsa110_vis.errors import ImageNotFoundError, NotAnImageError, UnreadableError
from dsa110_vis.image import open_image

MAKE = """
import casatools
ia = casatools.image()
ia.fromshape(arguments["path"], arguments["shape"], overwrite=True)
values = ia.getchunk()
values[...] = arguments["value"]
ia.putchunk(values)
ia.close()
"""
CHANGE = """
import casatools
ia = casatools.image()
ia.open(arguments["path"])
values = ia.getchunk()
values += 100
ia.putchunk(values)
ia.close()
"""


@pytest.fixture(scope="module")
def casa():
    if importlib.util.find_spec("casatasks") is None:
        pytest.skip("casatasks is not installed: pip install 'dsa110_vis[casa]'")
    from dsa110_vis.casa_process import run_casa

    return lambda code, **arguments: run_casa(code, arguments, timeout=100)


@pytest.mark.casa
def test_beams_of_channels_and_stokes_parameters(casa, tmp_path):
    code = """
import casatools
ia = casatools.image()
ia.fromshape(arguments["path"], [20, 16, 2, 5])
for c in range(5):
    for p in range(2):
        ia.setrestoringbeam(
            major=f"{10 + c + 100 * p}arcsec", minor="5arcsec", pa=f"{c + 10 * p}deg", channel=c, polarization=p
        )
result = [[ia.restoringbeam(channel=c, polarization=p)["major"]["value"] for c in range(5)] for p in range(2)]
ia.close()
"""
    path = tmp_path / "a.image"
    sizes = casa(code, path=str(path))
    image = open_image(path)
    assert (image.n_channels, image.n_stokes) == (5, 2)
    for stokes in range(2):
        for channel in range(5):
            beam = image.beam(channel, stokes)
            assert beam.major_deg * 3600 == pytest.approx(sizes[stokes][channel])
            assert beam.pa_deg == pytest.approx(channel + 10 * stokes)


@pytest.mark.casa
def test_coordinates_in_minutes_of_arc(casa, tmp_path):
    # what CASA writes where nobody asked for another unit
    path = tmp_path / "a.image"
    casa(MAKE, path=str(path), shape=[20, 16], value=1.0)
    sky = open_image(path).celestial
    assert sky.frame == "fk5"
    assert sky.pixel_scale(10, 8) == pytest.approx((1 / 60, 1 / 60))
    np.testing.assert_allclose(sky.to_world(10, 8), (0, 0), atol=1e-12)


@pytest.mark.casa
def test_an_image_that_is_looked_at_is_not_locked_and_shows_what_is_written(casa, tmp_path):
    path = tmp_path / "a.image"
    casa(MAKE, path=str(path), shape=[30, 20], value=1.0)
    image = open_image(path)
    before = image.fingerprint()
    assert image.value(3, 4) == 1
    casa(CHANGE, path=str(path))  # waits for ever for a lock that is held
    assert image.value(3, 4) == 101
    assert image.fingerprint() != before


@pytest.mark.casa
def test_an_image_that_is_made_anew_under_its_name_is_the_new_one(casa, tmp_path):
    path = tmp_path / "a.image"
    casa(MAKE, path=str(path), shape=[30, 20], value=1.0)
    old = open_image(path)
    assert old.value(3, 4) == 1
    shutil.rmtree(path)
    with pytest.raises(ImageNotFoundError, match="any more"):
        old.value(3, 4)
    casa(MAKE, path=str(path), shape=[40, 35], value=7.0)
    new = open_image(path)  # before the old one is closed, as viewers do
    assert new.shape == (35, 40)
    assert new.value(39, 34) == 7
    old.close()
    assert new.value(0, 0) == 7
    with pytest.raises(UnreadableError, match="is closed"):
        old.value(0, 0)


@pytest.mark.casa
@pytest.mark.parametrize(
    ("projection", "frame", "dec"),
    [
        (["SIN", [0.0, 0.5773502691896258]], "B1950", 60.0),  # NCP
        (["SIN", [0.1, -0.05]], "J2000", 30.0),
        (["TAN"], "ICRS", -45.0),
        (["CAR"], "GALACTIC", 0.0),
        (["ZEA"], "J2000", 85.0),
    ],
)
def test_rotated_coordinates_are_casas(casa, tmp_path, projection, frame, dec):
    code = """
import casatools, math
cs = casatools.coordsys()
csys = cs.newcoordsys(direction=True, spectral=True, stokes=["I"])
csys.setprojection(*arguments["projection"])
csys.setreferencecode(arguments["frame"], type="direction", adjust=False)
csys.setreferencevalue(["40deg", f"{arguments['dec']}deg"], type="direction")
csys.setreferencepixel([30, 20], type="direction")
csys.setincrement(["-0.02deg", "0.02deg"], type="direction")
turn = math.radians(35)
csys.setlineartransform(type="direction", value=[[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])
ia = casatools.image()
ia.fromshape(arguments["path"], [61, 41, 1, 1], csys=csys.torecord())
ia.calcmask(f"'{arguments['path']}' > -1", name="good")
back = ia.coordsys()
result = []
for x, y in arguments["places"]:
    world = back.toworld([x, y, 0, 0], format="q")["quantity"]
    result.append([casatools.quanta().convert(world[f"*{k}"], "deg")["value"] for k in (1, 2)])
ia.close()
"""
    path = tmp_path / "a.image"
    places = [[0, 0], [60, 0], [0, 40], [60, 40], [30, 20], [12, 33]]
    expected = np.array(casa(code, path=str(path), projection=projection, frame=frame, dec=dec, places=places)).T
    sky = open_image(path).celestial
    assert sky.frame == {"B1950": "fk4", "ICRS": "icrs", "GALACTIC": "galactic", "J2000": "fk5"}[frame]
    lon, lat = sky.to_world(*np.transpose(places))
    np.testing.assert_allclose(np.mod(lon - expected[0] + 180, 360) - 180, 0, atol=1e-9)
    np.testing.assert_allclose(lat, expected[1], atol=1e-9)
    np.testing.assert_allclose(sky.to_pixel(lon, lat), np.transpose(places), atol=1e-6)


@pytest.mark.casa
def test_b1950_and_j2000_are_those_of_casas_measures(casa):
    # to half a second of arc: by so much astropy and casacore disagree about the old system
    code = """
import casatools
me = casatools.measures()
result = []
for lon, lat in arguments["places"]:
    found = me.measure(me.direction("B1950", f"{lon}deg", f"{lat}deg"), "J2000")
    result.append([found["m0"]["value"], found["m1"]["value"]])
"""
    from astropy.wcs import WCS

    from dsa110_vis.image.coordinates import celestial_of

    places = [[10.0, 5.0], [200.0, -60.0], [359.9, 80.0], [90.0, 89.0]]
    expected = np.degrees(casa(code, places=places)).T
    wcs = WCS(naxis=2)
    wcs.wcs.ctype, wcs.wcs.radesys, wcs.wcs.equinox = ["RA---CAR", "DEC--CAR"], "FK4", 1950.0
    sky = celestial_of(wcs)
    lon, lat = sky.to_world(*sky.to_pixel(*np.transpose(places)), "fk5")
    apart = np.hypot((np.mod(lon - expected[0] + 180, 360) - 180) * np.cos(np.radians(lat)), lat - expected[1])
    assert apart.max() * 3600 < 0.5


@pytest.mark.casa
def test_a_complex_image_is_refused(casa, tmp_path):
    path = tmp_path / "a.image"
    casa(
        """
import casatools, numpy
ia = casatools.image()
ia.newimagefromarray(arguments["path"], numpy.zeros([8, 8]) + 1j)
ia.close()
""",
        path=str(path),
    )
    with pytest.raises(NotAnImageError, match="complex"):
        open_image(path)


def test_an_image_that_another_process_has_locked_can_be_looked_at(kat7):
    code = """
import sys
from casacore.tables import table
held = table(sys.argv[1], readonly=False, ack=False, lockoptions="permanent")
print("locked", flush=True)
sys.stdin.read()
"""
    with subprocess.Popen(
        [sys.executable, "-c", code, str(kat7)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout.readline() == "locked\n"
        assert np.isfinite(open_image(kat7).value(128, 128))
        holder.stdin.close()


@pytest.fixture
def kat7(unpack, tmp_path):
    path = tmp_path / "kat7.image"
    shutil.copytree(unpack("img_small_mixed") / "pyse_casa" / "kat7.image", path)
    return path


@pytest.mark.parametrize("part", ["table.f0", "table.f0_TSM0", "table.dat"])
@pytest.mark.parametrize("damage", ["absent", "half", "zeros"])
def test_broken_images(kat7, run_python, part, damage):
    file = kat7 / part
    content = file.read_bytes()
    if damage == "absent":
        file.unlink()
    else:
        file.write_bytes(content[: len(content) // 2] if damage == "half" else bytes(len(content)))
    code = """
import sys
from dsa110_vis.errors import Dsa110VisError
from dsa110_vis.image import open_image
try:
    open_image(sys.argv[1]).statistics()
    print("opened")
except Dsa110VisError as error:
    print(type(error).__name__, error.message)
"""
    said = run_python(code, str(kat7)).stdout.strip()
    if damage == "zeros" and part == "table.f0_TSM0":
        assert said == "opened"  # these are only pixels
    else:
        assert said.startswith(("UnreadableError kat7.image cannot be read", "NotAnImageError kat7.image is a folder"))
        assert "\n" not in said


def test_a_table_that_is_no_image(kat7):
    (kat7 / "table.info").write_text("Type = Measurement Set\n")
    with pytest.raises(NotAnImageError, match="no CASA image"):
        open_image(kat7)


def test_a_mask_and_a_transposed_reading(unpack):
    image = open_image(unpack("img_small_mixed") / "carta" / "M17_SWex_unit.image")
    found = image.plane(2).read(1, 5, 2, 4)
    assert found.shape == (2, 4)
    assert found.flags.c_contiguous
    assert np.array_equal(found, image.plane(2).read(0, 6, 0, 6)[2:4, 1:5], equal_nan=True)
