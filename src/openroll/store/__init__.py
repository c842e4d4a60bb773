"""PostgreSQL: the only room with SQL, and all that handles the server itself. Events are appended, projections follow."""
