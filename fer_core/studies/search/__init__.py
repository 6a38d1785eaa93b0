"""Searching for good values of a training's fields: Optuna asks, the queue trains. No torch, no server, no database."""
