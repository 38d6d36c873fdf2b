"""The bench: what our addons cost and how near they come to the leanest SQL. README.md says how to use it."""
