"""What a piece can be conditioned on: controls, roles, role and form templates, arrangements; style profiles."""
