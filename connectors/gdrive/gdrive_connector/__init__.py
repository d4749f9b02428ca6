"""Live search of Google Drive with the caller's own permissions."""
