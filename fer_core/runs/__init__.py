"""What a run is to do, where it comes from, and what its folder shows. No torch here."""
