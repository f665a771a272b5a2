"""Parts of ``classifier_test.py``: counterparts and features, judges, figures of pieces and their variety, details."""
