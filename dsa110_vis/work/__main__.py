"""What runs in the other processes: ``python -m dsa110_vis.work (zygote|worker) DESCRIPTOR [PRELOAD ...]``."""

from __future__ import annotations

import sys

from dsa110_vis.work import serve, zygote

if __name__ == "__main__":
    role, descriptor, *preload = sys.argv[1:]
    if role == "zygote":
        zygote.run(int(descriptor), preload)
    else:
        serve.run(int(descriptor))
