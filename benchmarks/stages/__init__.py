"""What is measured: set-up, evaluation, solve. One module each; all run in the worker's process."""
