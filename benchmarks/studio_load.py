"""Loads a studio: so many listeners, each of whom has a piece composed every 30 s, and asks for other things between.

Starts a studio of its own on 127.0.0.1 with an empty folder, warms it up, and prints for each number of listeners: the
time from a request to the first notes at the listener (percentiles) and as the server counts it, what was refused (503)
and what failed, the answers to other requests, and the memory of the server before and after.

    python benchmarks/studio_load.py                      # 50, then 200 listeners, 3 minutes each
    python benchmarks/studio_load.py --listeners 50 --seconds 60

The listeners run in a process of their own, but on the same cores: their work is part of what is measured.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import numpy as np
from prometheus_client.parser import text_string_to_metric_families

OTHERS = ("api/library", "api/studio", "api/models/band", "healthz", "")
RANDOM = np.random.default_rng(1)
PERCENTILES = (50, 90, 95, 99, 100)


@dataclass
class Seen:
    """What the listeners saw."""

    first_notes: list[float] = field(default_factory=list)
    heads: list[float] = field(default_factory=list)
    wholes: list[float] = field(default_factory=list)
    notes: int = 0
    late: int = 0
    others: list[float] = field(default_factory=list)
    refused: int = 0
    errors: Counter[str] = field(default_factory=Counter)


async def listen(client: httpx.AsyncClient, every: float, until: float, seen: Seen) -> None:
    """One listener."""
    await asyncio.sleep(RANDOM.random() * every)
    while time.monotonic() < until:
        begun = time.monotonic()
        try:
            await compose(client, begun, seen)
            await ask_others(client, seen)
        except (httpx.HTTPError, KeyError, ValueError) as error:
            seen.errors[type(error).__name__] += 1
        # An own rhythm each, or all would ask at the same moments for ever.
        pause = begun + every * (0.5 + RANDOM.random()) - time.monotonic()
        await asyncio.sleep(max(0.0, min(pause, until - time.monotonic())))


async def compose(client: httpx.AsyncClient, begun: float, seen: Seen) -> None:
    """Has one piece composed and follows it to its end."""
    answer = await client.post("api/pieces", json={"task": "compose", "seed": int(RANDOM.integers(10**9))})
    if answer.status_code == 503 and "retry-after" in answer.headers:
        seen.refused += 1
        return
    if answer.status_code != 201:
        seen.errors[f"status {answer.status_code}"] += 1
        return
    seen.heads.append(time.monotonic() - begun)
    piece = answer.json()
    head = piece["head"]
    ticks_per_second = head["tempos"][0][1] * head["ticks_per_quarter"] / 60
    first, kind, playing = None, "", 0.0
    async with client.stream("GET", f"api/pieces/{piece['id']}/events") as events:
        async for line in events.aiter_lines():
            if line.startswith("event: "):
                kind = line.removeprefix("event: ")
            elif line.startswith("data: ") and kind == "notes":
                notes = json.loads(line.removeprefix("data: "))["notes"]
                now = time.monotonic()
                if notes and first is None:
                    first = now
                    playing = now + 0.2 - min(note[1] for note in notes) / ticks_per_second
                    seen.first_notes.append(now - begun)
                seen.notes += len(notes)
                seen.late += sum(playing + note[1] / ticks_per_second < now for note in notes)
    if kind == "end":
        seen.wholes.append(time.monotonic() - begun)
    else:
        seen.errors[f"ended with {kind or 'nothing'}"] += 1


async def ask_others(client: httpx.AsyncClient, seen: Seen) -> None:
    """Asks for something that costs little."""
    begun = time.monotonic()
    answer = await client.get(str(RANDOM.choice(OTHERS)))
    seen.others.append(time.monotonic() - begun)
    if answer.status_code != 200:
        seen.errors[f"status {answer.status_code} of {answer.url.path}"] += 1


async def load(address: str, n_listeners: int, seconds: float, every: float) -> Seen:
    """All listeners at once."""
    seen, until = Seen(), time.monotonic() + seconds
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    async with httpx.AsyncClient(base_url=address, timeout=120, limits=limits) as client:
        await asyncio.gather(*(listen(client, every, until, seen) for _ in range(n_listeners)))
    return seen


def figures(address: str) -> dict[str, float]:
    """The server's own figures: samples without labels but for those of buckets."""
    found = {}
    for family in text_string_to_metric_families(httpx.get(f"{address}metrics", timeout=60).text):
        for sample in family.samples:
            found[sample.name + sample.labels.get("le", "")] = sample.value
    return found


def percentiles(values: list[float]) -> str:
    if not values:
        return "none"
    return "  ".join(f"{own}%: {np.percentile(values, own):.3f}" for own in PERCENTILES)


def report(n_listeners: int, seen: Seen, before: dict[str, float], after: dict[str, float]) -> None:
    """Prints what was seen."""
    name = "componium_first_notes_seconds"
    count = after[f"{name}_count"] - before[f"{name}_count"]
    within = after[f"{name}_bucket1.0"] - before[f"{name}_bucket1.0"]
    mean = (after[f"{name}_sum"] - before[f"{name}_sum"]) / max(count, 1)
    memory = [own["process_resident_memory_bytes"] / 1e6 for own in (before, after)]
    cpu = after["process_cpu_seconds_total"] - before["process_cpu_seconds_total"]
    print(f"{n_listeners} listeners: {len(seen.wholes)} pieces, {seen.refused} refused (503)")
    print(f"  errors                            {dict(seen.errors) or 'none'}")
    print(f"  first notes, at the listener, s   {percentiles(seen.first_notes)}")
    share = within / max(count, 1)
    print(f"  first notes, at the server        mean {mean:.3f} s; within 1 s {share:.1%} of {count:.0f}")
    print(f"  head, s                           {percentiles(seen.heads)}")
    print(f"  whole, s                          {percentiles(seen.wholes)}")
    print(f"  notes after their time            {seen.late} of {seen.notes}")
    print(f"  other requests, s                 {percentiles(seen.others)}")
    print(f"  memory of the server, MB          {memory[0]:.0f} before, {memory[1]:.0f} after")
    print(f"  CPU of the server, s              {cpu:.0f}", flush=True)


def main() -> None:
    """Runs the studio and the listeners."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--listeners", type=int, nargs="*", default=[50, 200])
    parser.add_argument("--seconds", type=float, default=180.0)
    parser.add_argument(
        "--every", type=float, default=30.0, help="seconds between the pieces of a listener, on average"
    )
    options = parser.parse_args()

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}/"
    with tempfile.TemporaryDirectory() as folder:
        # A name makes it a studio for others, which composes on all cores.
        options = ["--no-browser", "--port", str(port), "--data", folder, "--name", "studio.example.org"]
        command = [sys.executable, "-m", "componium", "studio", *options]
        server = subprocess.Popen(command, stdout=subprocess.PIPE)
        try:
            assert server.stdout is not None
            print(server.stdout.readline().decode().strip())
            asyncio.run(load(address, 4, 4.0, 2.0))
            for n_listeners in options.listeners:
                before = figures(address)
                seen = asyncio.run(load(address, n_listeners, options.seconds, options.every))
                report(n_listeners, seen, before, figures(address))
            size = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())
            print(f"folder: {size / 1e6:.1f} MB")
        finally:
            server.terminate()
            server.wait(20)


if __name__ == "__main__":
    main()
