"""What commands share, the engine's and those of plugins: options, progress bars and tables. Built on click."""
