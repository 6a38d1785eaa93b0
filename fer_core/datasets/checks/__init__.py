"""What may be wrong with faces: copies, poor pictures, and classes that are rare."""
