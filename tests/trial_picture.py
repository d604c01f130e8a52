"""Writes `demo/trial.png`, the picture of a trial in the README, from the logs of the demo.

python demo/train.py && python tests/trial_picture.py
"""

from __future__ import annotations

import argparse
import tempfile
from io import BytesIO
from pathlib import Path

from browsing import chromium, quiet_page
from PIL import Image
from places import ROOT
from playwright.sync_api import expect

import tb_diagnose
from tb_diagnose.report import html

RUN = "threshold/as_asked"
WIDTH = 760
COLOURS = 128
"""Of the picture: enough for text and lines, and a third of the bytes."""


def main() -> None:
    """Takes the picture of the headline and of what each change brings."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--logdir", type=Path, default=ROOT / "demo" / "logs")
    parser.add_argument("--picture", type=Path, default=ROOT / "demo" / "trial.png")
    given = parser.parse_args()
    found = next(each for each in tb_diagnose.diagnose(given.logdir) if each.run == RUN)
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        page_file = Path(folder) / "report.html"
        html.write(str(page_file), [html.part(found)])
        with quiet_page(browser, viewport={"width": WIDTH + 300, "height": 1400}, device_scale_factor=1.25) as page:
            page.goto(page_file.as_uri())
            trial = page.get_by_test_id("trial")
            expect(trial).to_be_visible()
            top, end = page.locator("header").first.bounding_box(), trial.bounding_box()
            assert top is not None and end is not None
            clip = {"x": top["x"] - 16, "y": 0, "width": top["width"] + 32, "height": end["y"] + end["height"] + 16}
            taken = Image.open(BytesIO(page.screenshot(clip=clip, full_page=True)))
    taken.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(given.picture, optimize=True)


if __name__ == "__main__":
    main()
