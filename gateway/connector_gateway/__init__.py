"""Cohere's connectors API, self-hosted: registered connectors, users' tokens, one search."""
