"""Where runs train: on this machine (local.py) or on a cluster (slurm.py), behind one protocol (base.py)."""
