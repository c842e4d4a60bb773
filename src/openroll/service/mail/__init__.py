"""Mail: what is written, what waits to be sent, and the way out."""
