"""One function per use case, over the pure rooms and the store. Faces call in here and decide nothing themselves."""
