"""Organisations of a roll: the registrar, operators, authorities, reviewers; their seats, tokens and providers."""
