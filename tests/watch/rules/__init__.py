"""Rules that are fetched from a roll elsewhere."""
