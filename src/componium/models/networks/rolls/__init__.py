"""Networks over piano rolls, one bar at a time."""
