"""Hyperparameter search: Optuna proposes values, the queue trains. No torch, no server, no database."""
