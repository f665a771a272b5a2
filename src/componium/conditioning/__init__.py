"""What a piece can be conditioned on: controls, roles of parts, templates of roles and form, style profiles."""
