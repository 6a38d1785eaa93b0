"""What the Errors page draws."""
