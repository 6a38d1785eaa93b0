"""The project's folder, which contains the packages, docs/ and requirements.txt."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
