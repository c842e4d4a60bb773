"""What goes out in the forms of others: a person's list (EUDI TS10), requests as TS 103 120 and e-Evidence have them. Pure.

What each form asks, and what of that is not confirmed here, stands in docs/facts/exchange.md.
"""
