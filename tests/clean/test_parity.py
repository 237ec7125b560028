"""A finished session makes the images that tclean makes."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.casa

VLA = {"cell": "0.5arcsec", "niter": 300, "pbcor": True}
LINE = {"cell": "15arcsec", "niter": 300, "pbcor": True}
KINDS = {
    "hogbom": {},
    "multiscale": {"deconvolver": "multiscale", "scales": [0, 3, 6]},
    "two-terms": {"deconvolver": "mtmfs", "nterms": 2, "scales": [0, 3]},
    "nsigma": {"nsigma": 10.0, "niter": 1000},
    "automask": {"usemask": "auto-multithresh"},
}
CUBE = {"specmode": "cube", "nchan": 3, "start": 25, "width": 1}
FAINT = {"usemask": "auto-multithresh", "sidelobethreshold": 1.5, "noisethreshold": 3.5}
ALL = {
    **{f"3c273-{name}": ("3c273", VLA | kind) for name, kind in KINDS.items()},
    # its last channel is blank
    "3c273-cube": ("3c273", VLA | {"specmode": "cube", "interpolation": "nearest", "nchan": 2}),
    "ngc5921-hogbom": ("ngc5921", LINE),
    "ngc5921-multiscale": ("ngc5921", LINE | {"deconvolver": "multiscale", "scales": [0, 4]}),
    "ngc5921-two-terms": ("ngc5921", LINE | {"deconvolver": "mtmfs", "nterms": 2}),
    "ngc5921-cube": ("ngc5921", LINE | CUBE),
    "ngc5921-cube-automask": ("ngc5921", LINE | CUBE | FAINT),
}  # fmt: skip
PRODUCTS = {
    1: {".image", ".image.pbcor", ".mask", ".model", ".pb", ".psf", ".residual"},
    2: {
        ".alpha", ".alpha.error", ".mask",
        *(f".{name}.tt{term}" for name in ("image", "model", "pb", "residual") for term in range(2)),
        *(f".psf.tt{term}" for term in range(3)),
        *(f".image.tt{term}.pbcor" for term in range(2)),
    },
}  # fmt: skip


@pytest.fixture
def compared(casa_job, threec273, ngc5921):
    """Do a session and tclean, and give what they made and how much it differs."""
    paths = {"3c273": str(threec273), "ngc5921": str(ngc5921)}

    def compare(name, chunk_seconds):
        data, parameters = ALL[name]
        return casa_job("parity", {"vis": paths[data], **parameters}, chunk_seconds=chunk_seconds)

    return compare


@pytest.mark.parametrize("name", ALL)
def test_whole_cycles_give_the_very_images_of_tclean(compared, name):
    found = compared(name, None)
    different = found["differences"]
    assert set(different) == PRODUCTS[2 if "two-terms" in name else 1]
    if "automask" in name:
        # tclean puts back the mask that was used last; a session keeps the next one
        del different[".mask"]
    assert different == dict.fromkeys(different, 0.0)
    assert found["chunks"] == found["cycles"] >= 2
    assert found["iterations"] == found["tclean"]["iterdone"]
    # tclean counts the dirty image
    assert found["cycles"] == found["tclean"]["nmajordone"] - 1


@pytest.mark.parametrize("name", ["3c273-hogbom", "3c273-multiscale", "3c273-two-terms", "ngc5921-cube"])
def test_chunks_give_nearly_the_images_of_tclean(compared, name):
    found = compared(name, 0.02)
    assert found["chunks"] > found["cycles"]
    assert all(fraction < 1e-3 for fraction in found["differences"].values()), found["differences"]
