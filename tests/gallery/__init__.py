"""Example weeks, and what their roundups say and look like: see docs/gallery."""
