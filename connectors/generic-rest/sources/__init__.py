"""The source files that ship: one YAML file each, and no Python."""
