"""Sites, as a roll keeps them."""
