"""Classic test functions."""
