"""A subscription: one household's, person's or organisation's way onto the network, as the roll records it."""
