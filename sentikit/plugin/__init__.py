"""Plugins: the hooks, the whole contract, what is registered and the loader."""
