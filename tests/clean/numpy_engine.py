"""A small Hogbom imager on numpy arrays, for tests of what drives an engine: exact, quick, without CASA.

The data are a sky and a PSF on a grid with periodic edges, so that a major cycle is one convolution.
"""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path

import numpy as np

from dsa110_vis.clean.engine import CycleStart, ImageField, MinorResult, PlaneMeasure
from dsa110_vis.errors import CleanError

SIZE = 64
SOURCES = ((20, 30, 1.0), (40, 22, 0.6), (33, 45, -0.3))  # y, x, Jy


class NumpyEngine:
    """Cleans `SOURCES` from one plane, or from as many as `parameters.nchan`.

    Files beside the image name control it: ``<imagename>.slow.json`` with seconds for psf, major and minor, a chunk of
    10 iterations taking the latter, and ``<imagename>.broken`` naming a step that fails.
    """

    def __init__(self, parameters, folder):
        self.parameters = parameters
        self.folder = Path(folder)
        channels = max(parameters.nchan, 1) if parameters.specmode.startswith("cube") else 1
        self.fields = [ImageField(parameters.imagename, (1, channels, SIZE, SIZE), ("I",))]
        random = np.random.default_rng(110)
        self.psf = np.zeros((SIZE, SIZE), np.float32)
        uv = random.random((SIZE, SIZE)) < 0.4
        uv |= np.roll(uv[::-1, ::-1], 1, axis=(0, 1))
        beam = np.fft.fftshift(np.fft.ifft2(uv).real)
        self.psf = (beam / beam.max()).astype(np.float32)
        self._transfer = np.fft.rfft2(np.fft.ifftshift(self.psf))
        sky = np.zeros((channels, SIZE, SIZE))
        for channel in range(channels):
            for y, x, flux in SOURCES:
                sky[channel, y, x] = flux * (1 + channel)
        self._dirty = self._convolve(sky)
        self._model = np.zeros((1, 1, channels, SIZE, SIZE), np.float32)
        self._mask = np.zeros((1, channels, SIZE, SIZE), bool)
        self._residual = np.zeros((channels, SIZE, SIZE), np.float32)
        self.calls = []
        self.closed = False
        self.gate = threading.Event()
        self.gate.set()

    def _convolve(self, planes):
        return np.fft.irfft2(np.fft.rfft2(planes) * self._transfer, s=(SIZE, SIZE)).astype(np.float32)

    def _step(self, name, progress=None):
        self.calls.append(name)
        broken = Path(f"{self.parameters.imagename}.broken")
        if broken.exists() and name in broken.read_text().split():
            message = f"The {name} step was told to fail."
            raise CleanError(message)
        slow = Path(f"{self.parameters.imagename}.slow.json")
        seconds = json.loads(slow.read_text()).get(name, 0.0) if slow.exists() else 0.0
        for part in range(10):
            if progress is not None:
                progress(part / 10, name)
            if seconds:
                time.sleep(seconds / 10)
        self.gate.wait()

    def open(self, *, resume):
        self._step("resume" if resume else "open")

    def make_psf(self, progress):
        self._step("psf", progress)

    def major(self, progress):
        self._step("major", progress)
        self._residual = self._dirty - self._convolve(self._model[0, 0])

    def update_masks(self):
        return False

    def begin(self, nsigma):
        inside = np.abs(self._residual[self._mask[0]])
        lobes = np.abs(self.psf).copy()
        lobes[SIZE // 2, SIZE // 2] = 0
        noise = 1.4826 * np.median(np.abs(self._residual - np.median(self._residual)))
        return CycleStart(float(inside.max(initial=0)), inside.size, float(lobes.max()), float(nsigma * noise))

    def minor(self, controls):
        self._step("minor")
        by_plane, peak = {}, 0.0
        for channel, plane in enumerate(self._residual):
            masked = np.where(self._mask[0, channel], plane, 0)
            done = 0
            while done < controls.iterations:
                y, x = np.unravel_index(np.argmax(np.abs(masked)), masked.shape)
                if abs(masked[y, x]) <= controls.threshold:
                    break
                flux = np.float32(controls.gain) * plane[y, x]
                self._model[0, 0, channel, y, x] += flux
                plane[:] -= flux * np.roll(self.psf, (y - SIZE // 2, x - SIZE // 2), axis=(0, 1))
                masked = np.where(self._mask[0, channel], plane, 0)
                done += 1
            if done:
                by_plane[0, 0, channel] = done
            peak = max(peak, float(np.abs(masked).max()))
        return MinorResult(sum(by_plane.values()), max(by_plane.values(), default=0), peak, by_plane)

    def measure(self, models):
        def peak(values):
            return float(np.abs(values).max()) if values.size else float("nan")

        return [
            PlaneMeasure(
                0, 0, 0, channel, peak(plane[self._mask[0, channel]]), peak(plane[~self._mask[0, channel]]),
                float(1.4826 * np.median(np.abs(plane - np.median(plane)))), float(models[0][0, 0, channel].sum()),
            )
            for channel, plane in enumerate(self._residual)
        ]  # fmt: skip

    def models(self):
        return [self._model.copy()]

    def set_models(self, models):
        self._model = models[0].copy()

    def masks(self):
        return [self._mask.copy()]

    def set_masks(self, masks):
        self._mask = masks[0].copy()

    def change(self, parameters):
        self.parameters = parameters

    def restore(self):
        self._step("restore")
        path = Path(f"{self.parameters.imagename}.image.npy")
        np.save(path, self._model[0, 0] + self._residual)
        return [str(path)]

    def close(self):
        self.closed = True

    @property
    def residual(self):
        return self._residual.copy()
