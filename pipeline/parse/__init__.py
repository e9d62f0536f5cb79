"""Bytes to raw claims: one module per format, never per provider."""
