"""The verbs that compose: their options are derived from the request models."""
