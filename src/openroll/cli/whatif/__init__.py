"""Commands on the city model: what a rule would do to a city, before anyone enforces it."""
