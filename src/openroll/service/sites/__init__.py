"""Sites: filed by the operators that host them, and looked up by anybody, by number or domain."""
