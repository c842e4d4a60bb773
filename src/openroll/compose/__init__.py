"""The one place where objects meet: settings, databases, rolls. Nothing is built at import."""
