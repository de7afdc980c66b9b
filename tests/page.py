#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""page.py COMMAND FILE ...: what a page of ours says and shows.

table FILE [CAPTION]    the cells of the table of that caption, else of the first, as TSV, without its heading
check FILE              is it well formed, does it stand alone, can it be read without eyes? Prints what is wrong
facts FILE              the row of big numbers: label, tab, value
colours PNG HEX...      how many pixels of each colour a screenshot has: many, few or none, in one line
frame FILE WIDTH        a page that shows FILE in a frame of that width, and writes how wide its content became into its own title
"""
import html
import html.parser
import pathlib
import re
import struct
import sys
import zlib

VOID = {"meta", "link", "br", "hr", "img", "input"}


class Page(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.stack, self.wrong, self.tables, self.facts, self.ids, self.tags = [], [], {}, [], [], []
        self.row = self.cell = self.table = self.text = None
        self.feed(text)
        if self.stack:
            self.wrong.append(f"left open: {self.stack}")

    def handle_startendtag(self, tag, attrs):
        self.see(tag, dict(attrs))

    def see(self, tag, attrs):
        self.tags.append((tag, attrs))
        if "id" in attrs:
            self.ids.append(attrs["id"])
        for name in attrs:
            if name.startswith("on") or name in ("src", "href", "action", "style"):
                self.wrong.append(f"<{tag} {name}=>")

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.see(tag, attrs)
        if tag not in VOID:
            self.stack.append(tag)
        if tag == "div" and attrs.get("role") == "region":
            self.table = self.tables.setdefault(attrs.get("aria-label"), [])
        if tag == "tr":
            self.row = []
        if tag in ("th", "td", "dt", "dd"):
            self.cell = ""

    def handle_data(self, data):
        if self.cell is not None:
            self.cell += data

    def handle_endtag(self, tag):
        if not self.stack or self.stack.pop() != tag:
            self.wrong.append(f"</{tag}> closes nothing")
        if tag in ("th", "td"):
            self.row.append(self.cell)
        if tag in ("dt", "dd"):
            self.facts.append(self.cell)
        if tag in ("th", "td", "dt", "dd"):
            self.cell = None
        if tag == "tr":
            self.table.append(self.row)


def check(text, page):
    wrong = page.wrong
    if not text.startswith("<!DOCTYPE html>\n<html lang=\"en\">"):
        wrong.append("no doctype, or no language")
    if "default-src &#39;none&#39;; style-src &#39;unsafe-inline&#39;" not in text.replace("'", "&#39;"):
        wrong.append("no policy")
    if re.search(r"https?:|//[a-z]|url\(|@import|<script|<iframe|<img", text):
        wrong.append("it wants something from elsewhere")
    if len(page.ids) != len(set(page.ids)):
        wrong.append("an id stands twice")
    count = {tag: sum(t == tag for t, _ in page.tags) for tag, _ in page.tags}
    if count.get("h1") != 1 or count.get("main") != 1:
        wrong.append("not one main heading and one main part")
    for tag, attrs in page.tags:
        if tag == "svg" and (attrs.get("role") != "img" or not all(i in page.ids for i in attrs.get("aria-labelledby", "-").split())):
            wrong.append("a plot without a name")
        if tag == "div" and attrs.get("class") == "scroll" and not (attrs.get("tabindex") == "0" and attrs.get("aria-label")):
            wrong.append("a table that the keyboard doesn't reach")
        if tag == "th" and "scope" not in attrs:
            wrong.append("a heading of nothing")
        if tag == "rect" and any(int(attrs[a]) < 0 for a in ("y", "width", "height")):
            wrong.append(f"a rectangle that isn't one: {attrs}")
    for name, rows in page.tables.items():
        if len({len(r) for r in rows}) > 1:
            wrong.append(f"{name}: rows of different length")
    return wrong


def pixels(path):
    """Rows of bytes of an 8-bit PNG without interlace, and the bytes of a pixel."""
    data = pathlib.Path(path).read_bytes()
    at, packed = 8, b""
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at:at + 8])
        if kind == b"IHDR":
            width, _, depth, colour = struct.unpack(">IIBB", data[at + 8:at + 18])
        if kind == b"IDAT":
            packed += data[at + 8:at + 8 + size]
        at += 12 + size
    n = {2: 3, 6: 4}[colour]
    assert depth == 8
    raw, stride = zlib.decompress(packed), width * n
    above = bytearray(stride)
    for y in range(len(raw) // (stride + 1)):
        how, line = raw[y * (stride + 1)], bytearray(raw[y * (stride + 1) + 1:(y + 1) * (stride + 1)])
        for i in range(stride):
            left, up, corner = (line[i - n], above[i], above[i - n]) if i >= n else (0, above[i], 0)
            if how == 1:
                line[i] = line[i] + left & 255
            elif how == 2:
                line[i] = line[i] + up & 255
            elif how == 3:
                line[i] = line[i] + (left + up) // 2 & 255
            elif how == 4:
                p = left + up - corner
                nearest = min((abs(p - left), 0, left), (abs(p - up), 1, up), (abs(p - corner), 2, corner))[2]
                line[i] = line[i] + nearest & 255
        above = line
        yield line, n


def colours(path, wanted):
    count = dict.fromkeys(wanted, 0)
    for line, n in pixels(path):
        for hexed in wanted:
            rgb = bytes.fromhex(hexed)
            count[hexed] += sum(line[i:i + 3] == rgb for i in range(0, len(line), n))
    return " ".join("many" if c > 1000 else "few" if c else "none" for c in count.values())


def frame(text, width):
    return ("<!DOCTYPE html><title>-</title><iframe width=" + width + " height=800 srcdoc=\"" + html.escape(text) + "\" onload=\""
            "const d = this.contentDocument.documentElement; document.title = d.scrollWidth + ' of ' + d.clientWidth\"></iframe>")


def main():
    command, path, *more = sys.argv[1:]
    if command == "colours":
        print(colours(path, more))
        return
    text = pathlib.Path(path).read_text()
    if command == "frame":
        print(frame(text, more[0]))
        return
    page = Page(text)
    if command == "table":
        rows = page.tables[more[0]] if more else next(iter(page.tables.values()))
        print("".join("\t".join(r) + "\n" for r in rows[1:]), end="")
    elif command == "facts":
        print("".join(f"{label}\t{value}\n" for label, value in zip(page.facts[::2], page.facts[1::2])), end="")
    else:
        print("".join(w + "\n" for w in check(text, page)), end="")


main()
