"""Claims to policies over time, and their publication."""
