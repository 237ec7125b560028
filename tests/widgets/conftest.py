"""A comm that keeps what is sent, and a stand-in for the browser part where that has not been built."""

import threading

import comm
import pytest
from comm.base_comm import BaseComm

from dsa110_vis.widgets import bundle


class RecordingComm(BaseComm):
    """Keeps messages instead of sending them."""

    def __init__(self, *args, **kwargs):
        self.sent = []
        self.changed = threading.Condition()
        super().__init__(*args, **kwargs)

    def publish_msg(self, msg_type, data=None, metadata=None, buffers=None, **keys):  # noqa: ARG002
        with self.changed:
            self.sent.append((msg_type, data or {}, buffers or []))
            self.changed.notify_all()

    @property
    def custom(self):
        return [(data["content"], buffers) for _, data, buffers in self.sent if data.get("method") == "custom"]

    def wait(self, find, timeout=30):
        with self.changed:
            assert self.changed.wait_for(lambda: any(find(content) for content, _ in self.custom), timeout)
            return next((content, buffers) for content, buffers in self.custom if find(content))

    def ask(self, op, ident="r1", timeout=30, **params):
        content = {"kind": "request", "id": ident, "op": op, "params": params}
        self.handle_msg({"content": {"data": {"method": "custom", "content": content}}, "buffers": []})
        return self.wait(lambda message: message.get("id") == ident, timeout)


@pytest.fixture(autouse=True)
def browser_part(tmp_path, monkeypatch):
    if not (bundle.STATIC / "mask-draw.js").is_file():
        for view in ("ms-raster", "antenna-layout", "mask-draw"):
            (tmp_path / f"{view}.js").write_text("export default { render() {} };")
        monkeypatch.setattr(bundle, "STATIC", tmp_path)


@pytest.fixture(autouse=True)
def comms(monkeypatch):
    """The comms that were opened, last one last."""
    made = []

    def create(*args, **kwargs):
        made.append(RecordingComm(*args, **kwargs))
        return made[-1]

    monkeypatch.setattr(comm, "create_comm", create)
    return made
