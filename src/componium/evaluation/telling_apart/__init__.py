"""Can a classifier tell two kinds of excerpts apart? Human ones, say, and composed ones.

A classifier that is trained on both and cannot tell excerpts that it has not seen says more than a table of metrics: it
may use all of them together. The area under its ROC curve is .5 where it guesses and 1 where it never errs. One that
fails may merely be weak; its failure counts where the same procedure tells a baseline that is known to be bad.

Source of the idea: classifier two-sample tests (Lopez-Paz and Oquab, ICLR 2017).
"""

from componium.evaluation.telling_apart.features import FEATURES, Feature, feature_rows
from componium.evaluation.telling_apart.ranks import Estimate, area, caught
from componium.evaluation.telling_apart.sides import Sides, divided, folds_of, swapped
from componium.evaluation.telling_apart.telling import Telling, most_telling, near_copies

__all__ = [
    "FEATURES",
    "Estimate",
    "Feature",
    "Sides",
    "Telling",
    "area",
    "caught",
    "divided",
    "feature_rows",
    "folds_of",
    "most_telling",
    "near_copies",
    "swapped",
]
