#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""losses.py PAGE: the table of losses in orutils-formats(7), checked. Imported, it is what the round trips may lose.

A row is `.It FORMAT Ta request|answer Ta FIELD Ta WHY Ta URL`: what FORMAT has no place for, `*` for all but openai. A field stands for
what is in it, too: `usage` for `usage.cached`.
"""
import pathlib
import re
import sys

FORMATS = ("openai", "completions", "responses", "anthropic", "gemini", "ollama", "cohere", "bedrock")
ROW = re.compile(r"^\.It ([\w*-]+) Ta (request|answer) Ta (.+?) Ta (.+?) Ta (\S+)$")
KEPT = {"answer": {"text", "tool_calls"}, "request": {"text", "tool_calls", "tool", "tools"}}  # by every format that is one of chat


class Losses:
    def __init__(self, page):
        self.rows, self.wrong, self.used = {}, [], set()
        for n, line in enumerate(pathlib.Path(page).read_text().splitlines(), 1):
            if " Ta " in line and re.match(r"\.It [\w*-]+ Ta (request|answer)\b", line):
                self.add(n, line)

    def add(self, n, line):
        row = ROW.match(line)
        if not row:
            self.wrong.append(f"line {n}: not FORMAT Ta request|answer Ta FIELD Ta WHY Ta URL: {line}")
            return
        name, side, field, _, url = row.groups()
        key = name, side, field
        if name not in FORMATS + ("*",):
            self.wrong.append(f"line {n}: no format {name}")
        if not url.startswith("https://"):
            self.wrong.append(f"line {n}: no address: {url}")
        if field in KEPT[side] and name != "completions":
            self.wrong.append(f"line {n}: {field} may never be lost")
        if key in self.rows:
            self.wrong.append(f"line {n}: a second row for {' '.join(key)}, after line {self.rows[key]}")
        self.rows[key] = n

    def allows(self, name, side, field):
        """Is it listed that the format loses the field, or what it is in?"""
        parts = field.split(".")
        for i in range(len(parts), 0, -1):
            for key in ((name, side, ".".join(parts[:i])), ("*", side, ".".join(parts[:i]))):
                if key in self.rows and (name != "openai" or key[0] == name):
                    self.used.add(key)
                    return True
        return False


def main():
    losses = Losses(sys.argv[1])
    for line in losses.wrong:
        print(f"{sys.argv[1]}: {line}", file=sys.stderr)
    if not losses.rows:
        print(f"{sys.argv[1]}: no rows", file=sys.stderr)
    return 1 if losses.wrong or not losses.rows else 0


if __name__ == "__main__":
    sys.exit(main())
