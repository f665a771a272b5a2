"""Fuzzes what reads bytes of anyone, guided by coverage: MIDI, MusicXML, requests, artifacts (``tests/fuzz``).

    pip install atheris
    python benchmarks/fuzz.py                       # a minute each
    python benchmarks/fuzz.py --minutes 10 midi     # one of them, longer

Any bytes must give a result or a ``ComponiumError``, within 30 s and 2 GB. Each harness runs in a process of its own.
An input that ends the process (a crash, 30 s, 2 GB) is kept, and the harness goes on without it. Printed are inputs
tried, edges covered, and what was found; the inputs lie in ``--findings``.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import re
import resource
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path

ROOT = Path(__file__).parents[1]
HARNESSES = ("midi", "musicxml", "requests", "artifacts")
SECONDS, MEBIBYTES = 30, 2048
LARGEST = {"midi": 4096, "musicxml": 65536, "requests": 4096, "artifacts": 262144}


def fuzz(name: str, seconds: float, findings: Path) -> None:
    """Fuzzes one harness in this process, which libFuzzer ends."""
    import atheris

    resource.setrlimit(resource.RLIMIT_AS, (MEBIBYTES * 2**20, MEBIBYTES * 2**20))
    # In place of this script's own folder, whose name would hide that of the harnesses.
    sys.path[0] = str(ROOT / "tests")
    with atheris.instrument_imports(include=["componium"], enable_loader_override=False):
        harness = importlib.import_module(f"fuzz.{name}")
        from componium.errors import ComponiumError
    seen: set[tuple[str, str, int]] = set()

    def one_input(data: bytes) -> None:
        try:
            harness.one_input(data)
        except ComponiumError:
            pass
        except Exception as error:
            place = traceback.extract_tb(error.__traceback__)[-1]
            kind = (type(error).__name__, Path(place.filename).name, place.lineno or 0)
            if kind not in seen:
                seen.add(kind)
                path = findings / f"{name}-{hashlib.sha256(data).hexdigest()[:12]}"
                path.write_bytes(data)
                print(f"FOUND {kind[0]} at {kind[1]}:{kind[2]}: {str(error)[:100]!r} {path}", flush=True)

    with tempfile.TemporaryDirectory() as corpus:
        for number, data in enumerate(harness.seeds()):
            Path(corpus, str(number)).write_bytes(data)
        options = [
            f"-max_total_time={int(seconds)}", f"-timeout={SECONDS}", f"-rss_limit_mb={MEBIBYTES}", "-seed=1",
            f"-max_len={LARGEST[name]}", f"-artifact_prefix={findings}/{name}-", corpus,
        ]  # fmt: skip
        atheris.Setup([sys.argv[0], *options], one_input)
        atheris.Fuzz()


def run(name: str, seconds: float, findings: Path) -> None:
    """Runs one harness for so long and prints a line of figures, and what was found."""
    start, n_inputs, edges, found = time.monotonic(), 0, 0, list[str]()
    while (left := seconds - (time.monotonic() - start)) >= 1:
        command = [sys.executable, __file__, name, "--inside", str(left), "--findings", str(findings)]
        ended = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
        said = ended.stdout + ended.stderr
        counts = re.findall(r"^#(\d+)\s.*?cov: (\d+)", said, re.MULTILINE)
        n_inputs += int(counts[-1][0]) if counts else 0
        edges = max([edges, *(int(own) for _, own in counts)])
        found += [line for line in said.splitlines() if line.startswith("FOUND")]
        found += re.findall(r"^(?:==\d+== ?)?ERROR: libFuzzer: .*|Test unit written to .*", said, re.MULTILINE)
        if not counts:
            found.append(f"it cannot run: {said.strip().splitlines()[-1:]}")
            break
    print(f"{name:10} {n_inputs:>9,} inputs in {seconds:.0f} s, {edges:,} edges, {len(set(found))} findings")
    for line in dict.fromkeys(found):
        print(f"  {line}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("harnesses", nargs="*", choices=[*HARNESSES, []], help="all if omitted")
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--findings", type=Path, default=Path(tempfile.gettempdir(), "componium-fuzz"))
    parser.add_argument("--inside", type=float, help=argparse.SUPPRESS)
    options = parser.parse_args()
    options.findings.mkdir(parents=True, exist_ok=True)
    if options.inside is not None:
        fuzz(options.harnesses[0], options.inside, options.findings)
        return
    for name in options.harnesses or HARNESSES:
        run(name, 60 * options.minutes, options.findings)


if __name__ == "__main__":
    main()
