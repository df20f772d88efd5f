# Draws what a command prints as a picture of a terminal: terminal-picture.py OUT.svg 'what was typed' COMMAND...
#   python3 tools/terminal-picture.py docs/images/run.svg 'weir run hello.flow.json' build/bin/weir run hello.flow.json
import re
import subprocess
import sys
from html import escape
from pathlib import Path

LINE_HEIGHT, LETTER_WIDTH, MARGIN, BAR = 20, 8.43, 18, 34
MAX_LINES, MAX_LETTERS = 40, 120
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def screen(output: str) -> list[str]:
    """What stands on the screen in the end: a carriage return begins its line anew."""
    lines = [line.rstrip("\r").rsplit("\r", 1)[-1].rstrip() for line in ESCAPES.sub("", output).rstrip().split("\n")]
    return [line[:MAX_LETTERS] for line in lines[:MAX_LINES]]


def picture(typed: str, lines: list[str]) -> str:
    width = int(max(len(line) for line in [f"$ {typed}", *lines]) * LETTER_WIDTH + 2 * MARGIN)
    height = BAR + (len(lines) + 1) * LINE_HEIGHT + MARGIN
    rows = [f'<tspan fill="#7ee787">$</tspan> {escape(typed)}', *(escape(line) for line in lines)]
    texts = [
        f'<text x="{MARGIN}" y="{BAR + (index + 1) * LINE_HEIGHT - 5}" xml:space="preserve">{row}</text>' for index, row in enumerate(rows)
    ]
    dots = [f'<circle cx="{MARGIN + 4 + 18 * index}" cy="17" r="5" fill="{fill}"/>' for index, fill in enumerate(("#ff5f57", "#febc2e", "#28c840"))]
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" role="img" aria-label="{escape(typed)}">',
        f'<rect width="{width}" height="{height}" rx="8" fill="#0d1117"/>',
        *dots,
        '<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="14" fill="#e6edf3">',
        *texts,
        "</g>",
        "</svg>",
        "",
    ])


def main(arguments: list[str]) -> int:
    if len(arguments) < 3:
        print("terminal-picture.py OUT.svg 'what was typed' COMMAND...", file=sys.stderr)
        return 2
    done = subprocess.run(arguments[2:], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
    out = Path(arguments[0])
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(picture(arguments[1], screen(done.stdout.decode(errors="replace"))), encoding="utf-8")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
