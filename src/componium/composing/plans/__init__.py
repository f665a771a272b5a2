"""A request made definite for one composer: style, length, meter, tempo and instruments settled, the prompt read."""

from __future__ import annotations

from componium.composing.plans.plan import (
    AccompanyPlan,
    AnyPlan,
    BlendPlan,
    ComposePlan,
    ContinuePlan,
    InfillPlan,
    Plan,
    RestylePlan,
    SegmentsPlan,
    VaryPlan,
    n_candidates,
)
from componium.composing.plans.planning import make_plan, refuse_what_it_lacks

__all__ = [
    "AccompanyPlan",
    "AnyPlan",
    "BlendPlan",
    "ComposePlan",
    "ContinuePlan",
    "InfillPlan",
    "Plan",
    "RestylePlan",
    "SegmentsPlan",
    "VaryPlan",
    "make_plan",
    "n_candidates",
    "refuse_what_it_lacks",
]
