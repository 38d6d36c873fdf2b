"""One file an entry: its docstring says what is measured and why, MEASUREMENTS declares how. See ../README.md."""
