"""What all widgets are: the controls of a model as traits, its view in the browser, and a picture that stays."""

from __future__ import annotations

import difflib
import uuid
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, Self

import anywidget
import traitlets
from IPython.display import display

from dsa110_vis.errors import OptionError
from dsa110_vis.widgets.bundle import script, style
from dsa110_vis.widgets.static_picture import StaticPicture
from dsa110_vis.widgets.traits import OptionTraitError

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from dsa110_vis.errors import Dsa110VisError

__all__ = ["ModelWidget"]


class Viewer(Protocol):
    """The other end of a view in the browser."""

    def receive(self, message: Mapping[str, Any], buffers: Any = ()) -> None:
        """Take a message from the browser."""

    def close(self) -> None:
        """Take and give nothing more."""


class Model(Protocol):
    """What a widget needs of a model, wherever that works."""

    @property
    def state(self) -> dict[str, Any]:
        """The values of all controls."""

    @property
    def failure(self) -> Dsa110VisError | None:
        """Why there is no picture."""

    @property
    def picture(self) -> Any:
        """The picture; None if there is none."""

    def listen(self, listener: Callable[[str, Any], None], *, replay: bool = False) -> Callable[[], None]:
        """Have a function called for every event."""

    def connect(self, send: Callable[[dict[str, Any], list[Any]], None]) -> Viewer:
        """Join a view in a browser."""

    def update(self, changes: Mapping[str, Any]) -> dict[str, Any]:
        """Set controls."""

    def wait(self, timeout: float | None = None) -> Any:
        """Wait for the picture."""

    def cancel(self) -> None:
        """Stop the work in hand."""

    def reload(self) -> None:
        """Read everything again."""

    def save(self, filename: str | os.PathLike[str], *, width: int, height: int) -> Path:
        """Save the picture to a file."""

    def code(self) -> str:
        """Give the code that makes the picture."""

    def describe(self) -> str:
        """Say what is shown."""

    def thumbnail(self) -> bytes | None:
        """Draw the picture small."""

    def close(self) -> None:
        """Stop everything."""


class ModelWidget(anywidget.AnyWidget):
    """A widget whose controls are decided by a model.

    Parameters
    ----------
    make : callable
        Takes the values of controls that were given; returns the model.
    owns : bool
        Whether the model ends with the widget.
    **state
        Values of controls, and what every Jupyter widget takes.

    Raises
    ------
    OptionError
        If a control does not exist or cannot have its value.
    DependencyError
        If the browser part of the package has not been built.
    """

    CONTROLS: ClassVar[Mapping[str, Any]] = {}
    """The controls of the model, each a trait of the same name."""
    VIEW: ClassVar[str] = ""
    """Its view in the browser."""

    _static_id = traitlets.Unicode().tag(sync=True)
    _snapshot = traitlets.Unicode().tag(sync=True)
    busy = traitlets.Bool(default_value=False, read_only=True, help="Whether the model is at work.")

    def __init__(self, make: Callable[[dict[str, Any]], Model], *, owns: bool, **state: Any) -> None:
        self._model: Model | None = None
        controls = {name: state.pop(name) for name in list(state) if name in self.CONTROLS}
        known = self.class_trait_names(sync=True)
        for name in state:
            if name not in known or name.startswith("_"):
                near = difflib.get_close_matches(name, self.CONTROLS, n=1)
                message = f"{type(self).__name__} has no control {name!r}."
                hint = (f"Did you mean {near[0]!r}? " if near else "") + f"Known are: {', '.join(self.CONTROLS)}."
                raise OptionTraitError(message, hint)
        self._esm = script(self.VIEW).read_text(encoding="utf-8")
        sheet = style()
        if sheet is not None:
            self._css = sheet.read_text(encoding="utf-8")
        self._owns_model = owns
        model = make(controls)
        super().__init__(_static_id=uuid.uuid4().hex[:12], **state)
        self._model = model
        self._static = StaticPicture(self._static_id, self._draw_static, self._describe)
        self._dispatcher = model.connect(self._send_message)
        self.on_msg(self._receive)
        self._unlisten = model.listen(self._on_event, replay=True)

    # -- results ----------------------------------------------------------------------------------------------------

    @property
    def model(self) -> Any:
        """What is behind the widget and does the work, without Jupyter."""
        if self._model is None:
            message = "This widget is closed."
            raise OptionError(message, "Make a new one.")
        return self._model

    @property
    def state(self) -> dict[str, Any]:
        """The values of all controls."""
        state: dict[str, Any] = self.model.state
        return state

    @property
    def failure(self) -> Dsa110VisError | None:
        """Why there is no picture for the controls as they are, if there is none."""
        failure: Dsa110VisError | None = self.model.failure
        return failure

    # -- actions ----------------------------------------------------------------------------------------------------

    def wait(self, timeout: float | None = None) -> Self:
        """Wait for the picture for the controls as they are, for scripts and tests.

        Parameters
        ----------
        timeout : float, optional
            Seconds; None waits as long as it takes.

        Returns
        -------
        ModelWidget
            This widget.

        Raises
        ------
        Dsa110VisError
            The reason why the picture could not be made.
        TimeoutError
            If it took too long.
        """
        self.model.wait(timeout)
        self._static.refresh()
        return self

    def save(self, filename: str | os.PathLike[str], *, width: int = 900, height: int = 600) -> Path:
        """Save the picture to a file; waits for the work in hand.

        Parameters
        ----------
        filename : path
            The ending says the format.
        width, height : int
            Size in pixels.

        Returns
        -------
        Path
            The file.

        Raises
        ------
        OptionError
            If the ending is not one of those that are known; the hint lists them.
        OutputError
            If the file cannot be written.
        Dsa110VisError
            The reason why there is no picture.
        """
        path: Path = self.model.save(filename, width=width, height=height)
        return path

    def code(self) -> str:
        """Give the Python code that makes this picture again.

        Returns
        -------
        str
            A few lines of Python.
        """
        lines: str = self.model.code()
        return lines

    def cancel(self) -> None:
        """Stop the work in hand; the picture stays as it was."""
        self.model.cancel()

    def reload(self) -> None:
        """Read the data again, whatever is remembered."""
        self.model.reload()

    def set_controls(self, changes: Mapping[str, Any]) -> None:
        """Set several controls at once.

        Parameters
        ----------
        changes : mapping
            New values by the names of the controls.

        Raises
        ------
        OptionTraitError
            If a value is not allowed; nothing is changed then.
        """
        try:
            self.model.update(changes)
        except OptionError as error:
            raise OptionTraitError(error.message, error.hint) from None

    def close(self) -> None:
        """Stop everything; the live view goes, the static picture stays."""
        if self._model is not None:
            self._unlisten()
            self._dispatcher.close()
            self._static.close()
            if self._owns_model:
                self._model.close()
            self._model = None
        super().close()

    # -- inside -----------------------------------------------------------------------------------------------------

    def __repr__(self) -> str:
        return f"{type(self).__name__}({'closed' if self._model is None else self._in_words()})"

    def _in_words(self) -> str:
        """Say what is shown, the same in every session: it stands in notebooks."""
        raise NotImplementedError

    def _ipython_display_(self, **_kwargs: Any) -> None:
        bundle = self._repr_mimebundle_()
        if bundle is not None:
            display(bundle[0], metadata=bundle[1], raw=True)  # type: ignore[no-untyped-call]
        self._static.show()

    def _on_event(self, event: str, data: Any) -> None:
        if event == "state":
            traits = self.traits()
            for name, value in data["changes"].items():
                traits[name].accept(self, value)
        elif event == "busy":
            self.set_trait("busy", data["busy"])
        if event in ("state", "busy", "picture") and self.model.picture is not None:
            self._static.stale()

    def _receive(self, _widget: Any, content: Any, buffers: Any) -> None:
        self._dispatcher.receive(content, buffers or ())

    def _send_message(self, message: dict[str, Any], buffers: list[Any]) -> None:
        self.send(message, buffers)

    def _describe(self) -> str:
        return f"{self!r}" if self._model is None or self._model.picture is None else self._model.describe()

    def _draw_static(self) -> bytes | None:
        return None if self._model is None else self._model.thumbnail()
