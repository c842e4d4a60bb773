"""The roll's own acts: opening it, its rule versions, its figures, its board of duties."""
