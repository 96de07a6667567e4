"""What is kept, and how: SQLAlchemy Core tables, plain functions that take a connection, and one asynchronous door."""
