"""The keys a log is signed with, and the official acts that change them."""
