"""Tests of what is seen of a site from outside."""
