"""The picture that stays in a notebook file when there is no kernel any more.

Beside the live view, a widget shows a second output with a PNG. The live view hides it while it is alive. It is
brought up to date when a picture is ready and nothing has changed for a moment.
"""

from __future__ import annotations

import base64
import html
import logging
import threading
from typing import TYPE_CHECKING, Any

from IPython.core.getipython import get_ipython
from IPython.display import display

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["StaticPicture"]

logger = logging.getLogger(__name__)

_NOTE = "Static picture: run the cell for the live one."
_NOTHING_YET = "No picture was ready when this notebook was saved: run the cell."


class StaticPicture:
    """Keeps one output per display of a widget up to date.

    The PNG is drawn on a thread of its own. It is published from there, and besides at the end of every cell from the
    main thread: programs that execute notebooks without a browser only take what belongs to the cell in hand.

    Parameters
    ----------
    ident : str
        Makes the CSS class that the live view hides: ``dsa110-vis-static-<ident>``.
    draw : callable
        Gives the PNG, or None if there is no picture.
    describe : callable
        Gives the text for those who do not see pictures.
    rest : float
        Seconds without a change after which the PNG is drawn.
    """

    def __init__(
        self, ident: str, draw: Callable[[], bytes | None], describe: Callable[[], str], *, rest: float = 0.5
    ) -> None:
        self._ident = ident
        self._draw = draw
        self._describe = describe
        self._rest = rest
        self._handles: list[Any] = []
        self._bundle = self._make(None)
        self._drawn = 0
        self._published = 0
        self._confirmed = 0
        self._wanted = 0
        self._timer: threading.Timer | None = None
        self._lock = threading.RLock()
        self._drawing = threading.Lock()
        self._shell: Any = None
        self._closed = False

    def show(self) -> None:
        """Add an output to the cell in hand."""
        handle = display(self._bundle, raw=True, display_id=True)  # type: ignore[no-untyped-call]
        with self._lock:
            self._handles.append(handle)
            shell = get_ipython()
            if self._shell is None and shell is not None:
                self._shell = shell
                shell.events.register("post_run_cell", self._after_cell)
        if self._wanted > self._drawn:
            self.stale()

    def stale(self) -> None:
        """Say that the picture has changed."""
        with self._lock:
            self._wanted += 1
            if self._timer is not None:
                self._timer.cancel()
            if self._closed:
                return
            self._timer = threading.Timer(self._rest, self.refresh)
            self._timer.name = "dsa110-vis-static"
            self._timer.daemon = True
            self._timer.start()

    def refresh(self) -> None:
        """Draw and publish now, if anything has changed; on the thread of the caller."""
        with self._drawing:
            with self._lock:
                wanted = self._wanted
                if self._closed or not self._handles:
                    return
            # not under the lock that `stale` takes: who draws may wait for those who say that something has changed
            bundle = self._drawn_bundle() if wanted > self._drawn else None
            with self._lock:
                if bundle is not None:
                    self._bundle, self._drawn = bundle, wanted
                self._publish()

    def _drawn_bundle(self) -> dict[str, str] | None:
        try:
            png = self._draw()
        except Exception:
            logger.exception("The static picture could not be drawn")
            return None
        return None if png is None else self._make(png)

    def close(self) -> None:
        """Leave the outputs as they are."""
        with self._lock:
            self._closed = True
            if self._timer is not None:
                self._timer.cancel()
            if self._shell is not None:
                self._shell.events.unregister("post_run_cell", self._after_cell)
                self._shell = None

    def _after_cell(self, *_args: Any) -> None:
        """Publish as part of this cell what came between cells, which executing programs do not see."""
        if self._confirmed < self._drawn and self._lock.acquire(blocking=False):
            try:
                self._published = 0
                self._publish()
                self._confirmed = self._drawn
            finally:
                self._lock.release()

    def _publish(self) -> None:
        if self._published == self._drawn:
            return
        for handle in self._handles:
            handle.update(self._bundle, raw=True)
        self._published = self._drawn

    def _make(self, png: bytes | None) -> dict[str, str]:
        described = self._describe()
        classes = f"dsa110-vis-static dsa110-vis-static-{html.escape(self._ident)}"
        if png is None:
            body = f"<p>{html.escape(_NOTHING_YET)}</p>"
            return {"text/html": f'<div class="{classes}">{body}</div>', "text/plain": described}
        data = base64.b64encode(png).decode("ascii")
        image = f'<img src="data:image/png;base64,{data}" alt="{html.escape(described)}">'
        note = f"<p><small>{html.escape(_NOTE)}</small></p>"
        return {
            "text/html": f'<div class="{classes}">{image}{note}</div>',
            "image/png": data,
            "text/plain": described,
        }
