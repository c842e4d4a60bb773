"""Filing: one by one, by file, and what follows a filing until it is in the log."""
