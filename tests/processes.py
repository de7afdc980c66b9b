# SPDX-License-Identifier: ISC
"""processes: what a process and all below it take."""
import pathlib


def family(pid):
    """A process and all below it."""
    yield pid
    for p in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            if int(p.read_text().rpartition(")")[2].split()[1]) == pid:
                yield from family(int(p.parent.name))
        except (OSError, ValueError):
            pass


def memory_kb(pid):
    """Their Private_Dirty."""
    total = 0
    for p in family(int(pid)):
        for line in pathlib.Path(f"/proc/{p}/smaps_rollup").read_text().splitlines():
            total += int(line.split()[1]) if line.startswith("Private_Dirty:") else 0
    return total
