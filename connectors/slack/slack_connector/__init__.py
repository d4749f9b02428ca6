"""Live search of a provider with the caller's own permissions."""
