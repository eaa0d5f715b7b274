"""What is measured: set-up, evaluation, solve, whole time, threads. One module each."""
