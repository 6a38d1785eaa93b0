"""Where this project lies: the folder that holds the packages, docs/ and requirements.txt."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
