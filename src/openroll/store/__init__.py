"""PostgreSQL: the only room that speaks SQL. Facts are appended, projections follow in the same transaction."""
