"""A published catalog as a static JSON API: one document per provider, each with its schema, for any file host."""
