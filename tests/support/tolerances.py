"""Tolerances for what a network computed: they hold on every processor and batch size."""

# Features that ReLU6 and average pooling leave are about 1, up to 6; single ones are near 0.
FEATURES = {"rtol": 1e-4, "atol": 1e-4}
PROBABILITIES = {"rtol": 1e-3, "atol": 1e-3}
LOSSES = {"rtol": 1e-4}
