"""Draw docs/statement.svg: what `apportion demo` prints, as a terminal shows it."""

from __future__ import annotations

import io
import sys
import tempfile
from pathlib import Path

from rich.console import Console

from apportion.cli import console as page

PICTURE = Path(__file__).parent / "statement.svg"

# No web font: the picture must not load anything from elsewhere.
SVG = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font-family: ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace;
  font-size: {char_height}px; line-height: {line_height}px; }}
.{unique_id}-title {{ font-size: 18px; font-weight: bold; font-family: sans-serif; }}
{styles}
</style>
<defs><clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" /></clipPath>{lines}</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">{matrix}</g>
</g>
</svg>
"""


def main() -> None:
    recorded = Console(record=True, width=104, force_terminal=True, file=io.StringIO())
    page.console = lambda *, stderr=False: recorded  # type: ignore[assignment, misc]
    from apportion.cli.app import app

    with tempfile.TemporaryDirectory() as folder:
        app(["demo", str(Path(folder) / "demo-project")], standalone_mode=False)
        text = recorded.export_svg(title="make demo", code_format=SVG, unique_id="demo")
        PICTURE.write_text(text.replace(folder + "/", ""))
    sys.stdout.write(f"wrote {PICTURE.name}\n")


if __name__ == "__main__":
    main()
