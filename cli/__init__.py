"""The command line ./sdm: only the standard library at import, everything else is prepared by it."""
