import pandas as pd
import pytest

from fer_lib.experiments import depth

BLOCKS = ["first convolution", "block 0", depth.LAST]


@pytest.fixture
def table(faces, keep, fast_head, monkeypatch):
    blocks = {"block": BLOCKS, "number": range(3), "side": 24, "channels": [2, 7, 7]}
    monkeypatch.setattr(depth, "places", lambda size: pd.DataFrame(blocks))
    monkeypatch.setattr(depth, "BACKBONES", [("imagenet", 48), ("finetuned", 128)])
    alone = pd.Series(range(len(faces)))
    monkeypatch.setattr(depth.manifest, "photographs", lambda manifest: alone)
    monkeypatch.setattr(depth, "SEEDS", range(2))
    return depth.compute(faces, keep)


def test_every_cut_is_evaluated_on_every_part_not_trained_on(table):
    counts = table.groupby(["weights", "classifier"])["part"].value_counts()
    assert counts["imagenet", depth.PROBE, "validation"] == len(BLOCKS) + 1
    assert counts["imagenet", depth.HEAD, "test"] == 2 * (len(BLOCKS) + 1)
    assert ("finetuned", depth.PROBE, "validation") not in counts


def test_the_block_that_holds_the_classes_is_the_best(table):
    probe = table.query("weights == 'imagenet' and classifier == @depth.PROBE and part == 'test'")
    probe = probe.set_index("block")
    assert probe["accuracy"].drop(depth.ALL).idxmax() == depth.LAST
    assert probe.loc[depth.LAST, ["difference", "low", "high"]].eq(0).all()
    assert probe.loc["block 0", "high"] < 0
    assert probe.loc["block 0", "difference"] == pytest.approx(
        probe.loc["block 0", "accuracy"] - probe.loc[depth.LAST, "accuracy"], abs=2e-4
    )


@pytest.mark.slow
def test_the_maps_of_a_small_image_are_small():
    places = depth.places(48).set_index("block")
    assert len(places) == 19
    assert places.loc["first convolution", "side"] == 24 and places.loc[depth.LAST, "side"] == 2
