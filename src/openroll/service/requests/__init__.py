"""Requests: authorities ask, others decide, operators answer, and people are told."""
