"""The day the disk dies: backups, restoring, escrow, and going on."""
