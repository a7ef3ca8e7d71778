import pandas as pd
import pytest

from fer_lib import training


@pytest.mark.parametrize(
    "losses, stalled",
    [
        ([], False),
        ([3, 2, 1], False),
        ([1, 2, 2], False),
        ([1, 2, 2, 2], True),
        ([3, 1, 2, 1.5, 1.2], True),
    ],
)
def test_early_stopping_waits_three_epochs_for_a_lower_loss(losses, stalled):
    history = pd.DataFrame({"validation_loss": losses})
    assert training.has_stalled(history, 3) is stalled
    assert training.has_stalled(history, None) is False
