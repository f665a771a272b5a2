"""How fast a corpus is explored: ``COMPONIUM_DATA=... python benchmarks/exploring.py [--files 3000] [--by folder]``.

The goal is 3,000 files in under a minute on one core: reading, all distributions and metrics, n-grams, entropies,
duplicates and the comparison of groups. Every library is kept to one thread.
"""

import os

# Before numpy is imported: its threads would hide what one core can do.
os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}

import argparse
import json
import sys
import time
from dataclasses import replace
from pathlib import Path

from componium.corpora import CORPORA
from componium.evaluation.exploration.corpus_contents import explore
from componium.evaluation.exploration.exploration_json import exploration_json
from componium.evaluation.exploration.html_page import exploration_page


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", default="crnngan_3451", help="below COMPONIUM_DATA")
    parser.add_argument("--corpus", default="folder")
    parser.add_argument("--files", type=int, default=3000)
    parser.add_argument("--by", default="folder", help="'' compares no groups")
    asked = parser.parse_args()
    if "COMPONIUM_DATA" not in os.environ:
        sys.exit("COMPONIUM_DATA is unset: it names the folder that holds the corpora")
    corpus = CORPORA[asked.corpus]
    # Evenly spread, so that every folder is among them.
    found = corpus.find(Path(os.environ["COMPONIUM_DATA"]) / asked.folder)
    chosen = [
        found[index * len(found) // min(asked.files, len(found))] for index in range(min(asked.files, len(found)))
    ]
    corpus = replace(corpus, find=lambda _: chosen)
    started, cpu = time.perf_counter(), time.process_time()
    explored = explore(Path(os.environ["COMPONIUM_DATA"]) / asked.folder, corpus, asked.by or None)
    read = time.process_time() - cpu
    page, text = exploration_page(explored), json.dumps(exploration_json(explored), allow_nan=False)
    spent, wall = time.process_time() - cpu, time.perf_counter() - started
    account = explored.account
    print(f"{account.n_files} files, {account.n_notes:,} notes, {len(account.rejected)} rejected")
    print(
        f"{account.n_files / spent:.0f} files per CPU second; {spent:.1f} CPU seconds, {wall:.1f} seconds on the clock"
    )
    print(f"of these {spent - read:.1f} for {len(page) / 1e3:.0f} kB of HTML and {len(text) / 1e3:.0f} kB of JSON")


if __name__ == "__main__":
    main()
