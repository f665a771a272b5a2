"""Features that networks read beside the note events: metric position, pointers, harmony, history of each part.

One file a feature, each with a form that computes it for all events at once and, where it depends on events before, one
that follows a piece event by event. :mod:`componium.features.feature_set` says which features a network reads and
assembles them over excerpts, :mod:`componium.features.tracker` while a piece is composed.
"""
