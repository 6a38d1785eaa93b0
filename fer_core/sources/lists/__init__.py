"""Tables that list pictures: CSV and JSON lines, their columns, boxes and the meaning of numbers."""
