"""Who may act: sessions, passkeys, seats, tokens, filing codes, and the throttles before them."""
