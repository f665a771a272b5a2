"""What onnxruntime would do behind the user's back is not done."""

import os
import subprocess
import sys

import pytest


def opened(home, code, **environment):
    """Runs code whose user's folders are below ``home``; returns what it printed."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "ORT_"))}
    own = {"HOME": str(home), "LOCALAPPDATA": str(home), **environment}
    command = [sys.executable, "-c", code]
    return subprocess.run(command, env=clean | own, capture_output=True, text=True, timeout=120, check=True).stdout


def test_nothing_is_reported_and_nothing_kept_in_the_users_cache(tmp_path):
    assert opened(tmp_path, "import os, componium.onnx_sessions; print(os.environ['ORT_DISABLE_TELEMETRY'])") == "1\n"
    assert not list(tmp_path.rglob("*"))


@pytest.mark.parametrize("value", ["0", "1"])
def test_what_the_user_has_set_stays(tmp_path, value):
    code = "import os, componium.onnx_sessions; print(os.environ['ORT_DISABLE_TELEMETRY'])"
    assert opened(tmp_path, code, ORT_DISABLE_TELEMETRY=value) == f"{value}\n"
