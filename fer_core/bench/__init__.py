"""What is measured side by side in one run, so that a noisy machine is noisy to all that is compared."""
