"""The city model: the same rules on a made population, measured before anyone enforces them."""
