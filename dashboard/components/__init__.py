"""Parts of pages with code of their own in the browser."""
