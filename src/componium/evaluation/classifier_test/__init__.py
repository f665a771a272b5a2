"""Classifier two-sample test: can a classifier distinguish composed from human excerpts?

A classifier that is trained on both and cannot distinguish excerpts that it has not seen says more than a table of
metrics: it may use all of them together. The area under its ROC curve is .5 where it guesses and 1 where it never errs.
One that fails may merely be weak; its failure counts where the same procedure detects a baseline that is known to be
bad.

A weak opponent that cannot tell says nothing: of two learners the better one counts
(:mod:`componium.evaluation.classifier_test.pair`). An area that still rises with the number of works is a lower bound
(:mod:`componium.evaluation.classifier_test.learning_curve`).

Source of the idea: classifier two-sample tests (Lopez-Paz and Oquab, ICLR 2017).
"""

from componium.evaluation.classifier_test.excerpts import LabeledExcerpts, group_folds, random_halves, swap_labels
from componium.evaluation.classifier_test.feature_importance import (
    FeatureImportance,
    correlated_features,
    permutation_importance,
)
from componium.evaluation.classifier_test.features import FEATURES, Feature, feature_matrix
from componium.evaluation.classifier_test.learning_curve import LearningCurve, learning_curve
from componium.evaluation.classifier_test.roc import detection_rate, resampled_roc_areas, roc_area
from componium.evaluation.estimate import Estimate

__all__ = [
    "FEATURES",
    "Estimate",
    "Feature",
    "FeatureImportance",
    "LabeledExcerpts",
    "LearningCurve",
    "correlated_features",
    "detection_rate",
    "feature_matrix",
    "group_folds",
    "learning_curve",
    "permutation_importance",
    "random_halves",
    "resampled_roc_areas",
    "roc_area",
    "swap_labels",
]
