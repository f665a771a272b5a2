"""Runs every verb on odd files, each in a process of its own, and prints what breaks the contract of the command line.

    python benchmarks/odd_files.py                        # every verb on the odd files of the tests (tests/odd)
    python benchmarks/odd_files.py FOLDER --verbs render grid

A verb ends with code 0 and its output, or with code 2 and one line that names the file; within 30 s and 2 GB; and
leaves nothing half-written. Printed are the runs of each verb, how many gave output, the most seconds and MiB that one
took, and every breach. Processes are forked after the imports, so that a run costs what the verb costs.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

os.environ.setdefault("OMP_NUM_THREADS", "1")
ROOT = Path(__file__).parents[1]
SECONDS, MEBIBYTES = 30, 2048
# Arguments of each verb; {} is the file or folder. Results go into the current folder.
FILE_VERBS = {
    "render to midi": ("render", "{}", "-o", "x.mid"),
    "render to musicxml": ("render", "{}", "-o", "x.musicxml"),
    "render to mxl": ("render", "{}", "-o", "x.mxl"),
    "render to png": ("render", "{}", "-o", "x.png"),
    "render to wav": ("render", "{}", "-o", "x.wav"),
    "render to svg": ("render", "{}", "-o", "x.svg"),
    "grid": ("grid", "{}", "--anyway", "-o", "x.mid"),
    "continue": ("continue", "{}", "--bars", "1", "--seed", "1", "-o", "x.mid"),
    "infill": ("infill", "{}", "--bars", "1", "--seed", "1", "-o", "x.mid"),
    "accompany": ("accompany", "{}", "--seed", "1", "-o", "x.mid"),
    "again": ("again", "{}", "-o", "x.mid"),
    "originality": ("originality", "{}", "--model", "band", "-o", "x.json"),
    "evaluate": ("evaluate", "{}", "--reference", "{human}"),
}
FOLDER_VERBS = {
    "corpus inspect": ("corpus", "inspect", "{}", "--json", "x.json"),
    "explore": ("explore", "{}", "-o", "x"),
    "evaluate": ("evaluate", "{}", "--reference", "{}", "-o", "x"),
    "originality": ("originality", "{human}/0.mid", "--train", "{}"),
    "compare": ("compare", "band", "--data", "{}", "--count", "2", "--bars", "4", "--seeds", "1", "-o", "x"),
    "train": ("train", "--data", "{}", "--name", "x", "-o", "x", "--cache", "cache", "--set", "training.steps=2"),
    "calibrate": ("calibrate", "band", "--data", "{}", "-o", "x", "--styles", "folk", "--pieces", "1", "--rounds", "1"),
}  # fmt: skip


class Ended(NamedTuple):
    """How a run ended: exit code (negative: a signal), what it said, CPU-seconds, MiB, and what it left."""

    code: int
    said: str
    seconds: float
    mebibytes: float
    left: list[str]


def run(arguments: Sequence[str], limit: float) -> Ended:
    """Runs the command line in a child process and in a folder of its own."""
    folder = Path(tempfile.mkdtemp(prefix="odd-run-"))
    said = folder.with_suffix(".said")
    start = time.monotonic()
    child = os.fork()
    if not child:
        _child(arguments, folder, said)
    while True:
        done, status, usage = os.wait4(child, os.WNOHANG)
        if done:
            break
        if time.monotonic() - start > limit:
            os.kill(child, 9)
            _, status, usage = os.wait4(child, 0)
            break
        time.sleep(0.005)
    seconds = usage.ru_utime + usage.ru_stime
    left = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))
    text = said.read_text(encoding="utf-8", errors="replace")
    shutil.rmtree(folder)
    said.unlink()
    return Ended(os.waitstatus_to_exitcode(status), text, seconds, usage.ru_maxrss / 1024, left)


def _child(arguments: Sequence[str], folder: Path, said: Path) -> None:
    code = 70
    try:
        os.chdir(folder)
        resource.setrlimit(resource.RLIMIT_DATA, (2 * MEBIBYTES * 2**20,) * 2)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        errors, nothing = os.open(said, os.O_WRONLY | os.O_CREAT), os.open(os.devnull, os.O_RDWR)
        for number, target in enumerate((nothing, nothing, errors)):
            os.dup2(target, number)
        sys.argv = ["componium", *arguments]
        from componium.cli.main import main

        main()
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 70
    except BaseException:
        import traceback

        os.write(2, traceback.format_exc().encode("utf-8", "backslashreplace"))
    finally:
        os._exit(code)


def breaches(ended: Ended, path: Path) -> list[str]:
    """Returns what is wrong with how a run ended."""
    found: list[str] = []
    lines = ended.said.splitlines()
    if ended.code not in (0, 2) or "Traceback" in ended.said:
        found.append(f"code {ended.code}")
    if ended.code == 2 and (len(lines) != 1 or not lines[0].startswith("componium: ")):
        found.append(f"{len(lines)} lines")
    # The name as it is printed: signs that a terminal obeys are escaped.
    if ended.code == 2 and path.name[:4] not in ended.said and path.name.isprintable():
        found.append("the file is not named")
    if ended.code == 0 and not ended.left and "-o" in sys.argv:
        found.append("no output")
    if ended.code and ended.left:
        found.append(f"left {', '.join(ended.left[:5])}")
    if any(".componium-" in name for name in ended.left):
        found.append("a temporary file")
    if ended.seconds > SECONDS:
        found.append(f"{ended.seconds:.0f} s")
    if ended.mebibytes > MEBIBYTES:
        found.append(f"{ended.mebibytes:.0f} MiB")
    return found


def judge(name: str, template: Sequence[str], paths: Sequence[Path], human: Path, limit: float) -> int:
    """Runs one verb on all paths and prints its line, and each breach; returns how many there were."""
    n_output = n_breaches = 0
    seconds = mebibytes = 0.0
    for path in paths:
        given = str(path) if path.is_absolute() else f"./{path}"
        ended = run([own.replace("{}", given).replace("{human}", str(human)) for own in template], limit)
        n_output += ended.code == 0
        seconds, mebibytes = max(seconds, ended.seconds), max(mebibytes, ended.mebibytes)
        if found := breaches(ended, path):
            n_breaches += 1
            last = ended.said.strip().splitlines()[-1:] or [""]
            print(f"  BREACH {name} {str(path)!r}: {'; '.join(found)}: {last[0][:300]!r}", flush=True)
    print(
        f"{name}: {len(paths)} runs, {n_output} with output, at most {seconds:.1f} s and {mebibytes:.0f} MiB, "
        f"{n_breaches} breaches",
        flush=True,
    )
    return n_breaches


def main() -> None:
    """Runs the verbs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, help="of odd files; without one, those of the tests")
    parser.add_argument("--verbs", nargs="*", help="names of verbs; all if omitted")
    parser.add_argument("--folders-only", action="store_true", help="no verbs on single files")
    parser.add_argument("--every", type=int, default=1, help="take every n-th file")
    options = parser.parse_args()
    sys.path.insert(0, str(ROOT / "tests"))
    from fixtures.music import write_corpus
    from odd.folder import write_odd_files

    # Imported once for all runs; no session is opened, so no thread runs that a fork would lose.
    import componium.cli.main
    import componium.composing.compose
    import componium.composing.delivery
    import componium.corpora.inspection
    import componium.rendering.files  # noqa: F401

    with tempfile.TemporaryDirectory(prefix="odd-files-") as temporary:
        folder = options.folder or write_odd_files(Path(temporary) / "odd")
        human = Path(temporary) / "human"
        write_corpus(human)
        for number, path in enumerate(sorted(human.rglob("*.mid"))):
            shutil.copy(path, human / f"{number}.mid")
        files = [Path(place, name) for place, _, names in os.walk(folder) for name in names]
        total = 0
        if not options.folders_only:
            for name, template in FILE_VERBS.items():
                if not options.verbs or name in options.verbs:
                    total += judge(name, template, sorted(files)[:: options.every], human, 6 * SECONDS)
        for name, template in FOLDER_VERBS.items():
            if not options.verbs or name in options.verbs:
                total += judge(f"folder: {name}", template, [folder], human, 600)
        for path in folder.rglob("closed"):
            path.chmod(0o700)
    print(f"{total} breaches")
    sys.exit(bool(total))


if __name__ == "__main__":
    main()
