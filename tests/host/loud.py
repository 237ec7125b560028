"""An imager that prints as CASA does, more than a notebook server lets through."""

import os
import sys

from numpy_engine import NumpyEngine


class Loud(NumpyEngine):
    """Prints in every major cycle."""

    def major(self, progress):
        for number in range(20):
            sys.stdout.write(f"line {number} of Python\n")
            os.write(1, b"0%....10" * 25_000 + b"\n")
            os.write(2, b"a warning of C++\n")
        super().major(progress)
