"""How good a classifier is, and how certain that number is.

Every function takes `(labels, probabilities)`, in this order. `metrics` measures, `intervals` adds
95% confidence intervals, `calibration` compares confidence with accuracy, `duplicates` and
`robustness` show how far a number carries over to new images, `people` asks ten people instead of
the label, and `report` puts it all in a table.
"""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach(
    __name__,
    submodules=[
        "calibration",
        "duplicates",
        "intervals",
        "metrics",
        "people",
        "report",
        "robustness",
    ],
    submod_attrs={
        "metrics": [
            "SCORES",
            "MIN_PROBABILITY",
            "confusion_counts",
            "check_shapes",
            "confusion_matrix",
            "accuracy",
            "recalls",
            "mean_recall",
            "class_means",
            "macro_f1",
            "class_table",
            "averages",
            "negative_log_likelihood",
        ],
        "intervals": [
            "Estimate",
            "bootstrap",
            "interval",
            "clustered",
            "clustered_mean",
            "difference",
            "paired",
            "spread",
        ],
        "calibration": [
            "expected_calibration_error",
            "reliability_table",
            "errors_if_calibrated",
            "fit_temperature",
            "prior_biases",
            "PRIOR_EXPONENT",
            "calibration_of",
            "calibrated",
            "fit_temperature_and_biases",
            "with_temperature",
        ],
        "duplicates": [
            "has_training_duplicate",
            "describe_test_images",
            "difference_within_class",
        ],
    },
)
