"""Web sites: what proves control of a domain, which addresses may be asked about one, and how many places must agree. Pure."""
