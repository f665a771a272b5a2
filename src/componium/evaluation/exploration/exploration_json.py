"""The description of a corpus as JSON: what ``explore.json`` holds."""

from __future__ import annotations

import math
from typing import Any

from componium.evaluation.exploration.corpus_contents import Exploration, SequenceAccount, total_counts
from componium.evaluation.exploration.distributions import DISTRIBUTIONS, Distribution
from componium.evaluation.exploration.group_differences import GroupFigure, Groups
from componium.evaluation.metrics import METRICS
from componium.evaluation.sets.set_comparison_json import figures_json


def exploration_json(exploration: Exploration) -> dict[str, Any]:
    """Returns the description of a corpus as values that JSON can hold; NaN as null."""
    return _finite(
        {
            "account": exploration.account.to_json(),
            "n_pieces": len(exploration.pieces),
            "distributions": [_distribution_json(exploration, own) for own in DISTRIBUTIONS],
            "metrics": [
                {"name": metric.name, "group": metric.group, "unit": metric.unit}
                | figures_json([piece.figures[metric.name] for piece in exploration.pieces])
                for metric in METRICS
            ],
            "line_stride": exploration.line_stride,
            "sequences": [_sequence_json(account) for account in exploration.sequences],
            "groups": None if exploration.groups is None else _groups_json(exploration.groups, exploration),
        }
    )


def _distribution_json(exploration: Exploration, own: Distribution) -> dict[str, Any]:
    counts, undefined = total_counts(exploration.pieces, own)
    total = float(counts.sum())
    return {
        "name": own.name,
        "unit": own.unit,
        "n": len(exploration.pieces),
        "n_defined": len(exploration.pieces) - undefined.total(),
        "undefined": dict(undefined.most_common()),
        "total": total,
        "counts": {label: count for label, count in zip(own.labels, counts.tolist(), strict=True) if count},
    }


def _sequence_json(account: SequenceAccount) -> dict[str, Any]:
    return {
        "name": account.kind.name,
        "n_defined": account.n_pieces,
        "undefined": dict(sorted(account.undefined.items())),
        "n_steps": account.n_steps,
        "ngrams": [own._asdict() | {"frequent": [ngram._asdict() for ngram in own.frequent]} for own in account.ngrams],
        "entropy": [own._asdict() for own in account.entropy],
    }


def _groups_json(groups: Groups, exploration: Exploration) -> dict[str, Any]:
    def figure_json(figure: GroupFigure) -> dict[str, Any]:
        return figure._asdict()

    labels = {own.name: own.labels for own in DISTRIBUTIONS}
    rows: list[dict[str, Any]] = []
    for row in exploration.differences:
        by_group: dict[str, Any] = {}
        for place, name in enumerate(groups.names):
            if row.figures:
                by_group[name] = figure_json(row.figures[place])
            elif row.shares:
                shares = zip(labels[row.name], row.shares[place], strict=True)
                by_group[name] = {label: share for label, share in shares if share}
        rows.append(
            {
                "name": row.name,
                "effect_of": "divergence" if row.name in labels else "epsilon squared",
                "effect": row.effect,
                "chance": {"median": row.chance_median, "below_95_percent": row.chance_high},
                "p_holm": row.p_holm,
                "groups": by_group,
            }
        )
    return {
        "by": groups.by,
        "works": dict(zip(groups.names, groups.n_works, strict=True)),
        "left_out": dict(groups.left_out),
        "pieces_without": groups.n_without,
        "differences": rows,
    }


def _finite(value: Any) -> Any:  # noqa: ANN401 - JSON
    """The same with NaN and infinity as None."""
    if isinstance(value, dict):
        return {key: _finite(own) for key, own in value.items()}
    if isinstance(value, list):
        return [_finite(own) for own in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
