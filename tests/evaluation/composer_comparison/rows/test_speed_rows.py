"""Notes per second of composers that draw notes one by one, or many at once."""

from types import SimpleNamespace

import pytest

from componium.evaluation.composer_comparison.rows import speed_rows as module
from componium.evaluation.composer_comparison.rows.speed_rows import MOST_SECONDS, speed_rows


@pytest.mark.parametrize("at_once", [1, 16, 5000])
def test_notes_drawn_at_once_share_what_they_cost(at_once, monkeypatch):
    clock, drawn = [0.0], []
    monkeypatch.setattr(module, "time", SimpleNamespace(process_time=lambda: clock[0]))

    def stream(_artifact, _count, bars, _seed):
        drawn.append(0)
        while bars > 1 or not drawn[-1]:
            clock[0] += 0.001 * at_once
            drawn[-1] += at_once
            yield from range(at_once)

    artifact = SimpleNamespace(size=2_000_000)
    composer = SimpleNamespace(name="own", kind="composer", can_compose=True, artifact=artifact)
    one, several, size = speed_rows([composer], SimpleNamespace(stream=stream))
    assert (one.value, several.value) == pytest.approx((1000, 1000))
    assert size.value == 2.0
    # It was stopped.
    assert max(drawn) <= 1000 * MOST_SECONDS + 2 * at_once
