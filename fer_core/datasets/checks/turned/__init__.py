"""Near copies that were turned, shifted or cropped."""
