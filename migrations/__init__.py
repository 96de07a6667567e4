"""The database's schema, one step after the other (Alembic)."""
