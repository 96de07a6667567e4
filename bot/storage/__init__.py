"""What is stored: SQLAlchemy Core tables, functions that take a connection, and one asynchronous facade."""
