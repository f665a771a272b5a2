import os
import subprocess
import sys

import pytest

from componium.training.start_up import wait_passively


@pytest.mark.parametrize(("before", "after"), [(None, "PASSIVE"), ("ACTIVE", "ACTIVE")])
def test_threads_wait_passively_unless_the_environment_says_how(monkeypatch, before, after):
    monkeypatch.delenv("OMP_WAIT_POLICY", raising=False)
    if before:
        monkeypatch.setenv("OMP_WAIT_POLICY", before)
    wait_passively()
    assert os.environ["OMP_WAIT_POLICY"] == after


def test_it_can_be_said_before_torch_is_there():
    code = "import sys, componium.training.start_up, componium.cli.train; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
