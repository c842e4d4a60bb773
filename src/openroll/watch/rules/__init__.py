"""The rule and the jurisdiction that a roll is under, fetched by whoever files there, and proved by its log."""
