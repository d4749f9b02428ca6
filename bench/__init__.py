"""Measures of what the connectors are worth, over public collections."""
