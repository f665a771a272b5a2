"""From a request to music: plans, conditions, constraints, sampling procedures, checks, ranking, assembly."""
