"""Local stand-ins for Google Drive and Slack, for demos, tests and benchmarks."""
