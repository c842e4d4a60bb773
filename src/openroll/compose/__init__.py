"""Composition root: builds databases, rolls and servers from settings. Nothing is built at import."""
