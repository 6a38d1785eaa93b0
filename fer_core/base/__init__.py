"""Helpers independent of faces: files, the workspace, extras, devices, and numbers as text."""
