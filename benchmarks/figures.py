"""Measures figures of the ledger again, beside what is printed; ``docs/figures.toml`` is the ledger.

    python benchmarks/figures.py list
    COMPONIUM_DATA=... python benchmarks/figures.py run ID ... | --quick | --all

``--quick`` leaves out what takes more than ten minutes, ``list`` marks it as slow. Every command runs once, from the
root of the checkout, whatever figures it prints. Exits with 1 where a figure differs from the printed one by more than
its interval (or, without one, its tolerance), where it is not found in what the command prints, where the command
fails, and where nothing was compared.
"""

from __future__ import annotations

import argparse
import re
import shlex
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "docs"))

from ledger import Figure, number, read_ledger  # noqa: E402 - it is no package


def arguments(command: str) -> list[str]:
    """Returns a command of the ledger as a list, run by the Python that runs this."""
    first, *others = shlex.split(command)
    programs = {"python": [sys.executable], "componium": [sys.executable, "-m", "componium"]}
    return [*programs.get(first, [first]), *others]


def printed_by(command: str) -> str | None:
    """Returns what a command prints, or none where it fails; its errors go where those of this program go."""
    done = subprocess.run(arguments(command), cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    return None if done.returncode else done.stdout


def verdict(figure: Figure, output: str | None) -> tuple[str, str]:
    """Returns what was measured, as text, and whether it is what is printed."""
    if output is None:
        return "-", "the command failed"
    found = re.search(figure.pattern, output, re.MULTILINE)
    if found is None:
        return "-", "not found in what the command prints"
    try:
        agrees = figure.agrees([number(own) for own in found.groups()])
    except ValueError:
        return found[1], "not a number"
    value, *ends = found.groups()
    measured = f"{value} ({' to '.join(ends)})" if ends else value
    return measured, "as printed" if agrees else "DIFFERS"


def run(figures: Iterable[Figure]) -> int:
    """Measures figures, prints a line for each, and returns how many are as printed; -1 where one is not."""
    by_command: dict[str, list[Figure]] = defaultdict(list)
    for own in figures:
        if own.pattern:
            by_command[own.command].append(own)
        else:
            print(f"{own.id:32} {own.text}: by hand: {own.by_hand}")
    verdicts: list[str] = []
    for command, owns in by_command.items():
        started = time.monotonic()
        output = printed_by(command)
        print(f"{command}  ({(time.monotonic() - started) / 60:.1f} minutes, {owns[0].minutes:g} in the ledger)")
        for own in owns:
            measured, said = verdict(own, output)
            verdicts.append(said)
            print(f"    {own.id:28} printed {own.text:26} measured {measured:20} {said}", flush=True)
    return len(verdicts) if set(verdicts) <= {"as printed"} else -1


def commit() -> str:
    """Returns the commit of the checkout, for the ledger."""
    command = ["git", "describe", "--always", "--dirty"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("list", help="all figures")
    measuring = verbs.add_parser("run", help="measure figures again")
    measuring.add_argument("ids", nargs="*", metavar="ID")
    measuring.add_argument("--all", action="store_true")
    measuring.add_argument("--quick", action="store_true", help="all that take at most ten minutes")
    parser.add_argument("--ledger", type=Path, default=ROOT / "docs" / "figures.toml")
    asked = parser.parse_args()
    figures = read_ledger(asked.ledger).figures
    if asked.verb == "list":
        for own in figures.values():
            how = ("slow, " if own.is_slow else "") + ("by hand" if own.by_hand else f"about {own.minutes:g} minutes")
            print(f"{own.id:32} {own.text} {own.unit}\n    {own.command}  ({how})")
        return
    if unknown := sorted(set(asked.ids) - figures.keys()):
        sys.exit(f"not in the ledger: {', '.join(unknown)}")
    chosen = [own for own in figures.values() if asked.all or own.id in asked.ids or (asked.quick and not own.is_slow)]
    print(f"commit {commit()}")
    if run(chosen) <= 0:
        sys.exit("not all figures are as printed, or none was compared")


if __name__ == "__main__":
    main()
