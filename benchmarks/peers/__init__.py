"""The same problems, written for other tools."""
