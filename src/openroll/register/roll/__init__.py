"""The roll itself: opened under a rule, with rule versions, figures, and a log that may have to begin again."""
