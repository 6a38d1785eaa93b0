"""The web page: figures (pure), services (cached calls), widgets (shared pieces)."""
