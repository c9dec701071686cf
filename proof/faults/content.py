"""The shipped content and, beside it, a journey of what must arrive: its words may be sent again when in doubt."""

import atexit
import shutil
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from local.template import ROOT

BESIDE = Path(__file__).parent / "content"
SHIPPED = "order.shipped: {order: text}\n"


@cache
def content_for_days() -> Path:
    """A folder with both, for as long as this process lasts."""
    folder = TemporaryDirectory()
    atexit.register(folder.cleanup)
    copied = Path(folder.name) / "content"
    shutil.copytree(ROOT / "layers" / "content", copied)
    shutil.copytree(BESIDE, copied, dirs_exist_ok=True)
    with (copied / "events.yaml").open("a", encoding="utf-8") as events:
        events.write(SHIPPED)
    return copied
