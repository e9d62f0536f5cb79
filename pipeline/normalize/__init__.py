"""Raw claims to typed claims. Pure: no I/O."""
