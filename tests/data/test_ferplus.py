"""FER+: the votes file itself where it is available, and small made-up votes."""

import numpy as np
import pandas as pd
import pytest

from fer_lib import cli, paths
from fer_lib.data import ferplus, manifest
from fer_lib.exceptions import Problem

needs_votes = pytest.mark.skipif(ferplus.locate() is None, reason="needs the FER+ votes")


def votes(**options):
    return [options.get(option.replace(" ", "_"), 0) for option in ferplus.OPTIONS]


@pytest.fixture
def three_images():
    """Two copies of an image with two rows of votes, and an image that FER+ dropped."""
    table = pd.DataFrame(
        {
            "usage": "Training",
            "label": ["fear", "surprise", "sad"],
            "duplicate_group": [1, 1, 0],
            "ferplus_row": [2, 0, -1],
        }
    )
    cast = [votes(fear=7, surprise=3), votes(sad=10), votes(fear=4, surprise=5, unknown=1)]
    return table, np.array(cast)


def test_exact_duplicates_share_their_votes(three_images):
    pooled = ferplus.votes_of(*three_images)
    both = votes(fear=11, surprise=8, unknown=1)
    assert pooled.tolist() == [both, both, votes()]


def test_a_row_given_to_two_copies_counts_once(three_images):
    table, cast = three_images
    pooled = ferplus.votes_of(table.assign(ferplus_row=[2, 2, -1]), cast)
    assert pooled.tolist() == [cast[2].tolist()] * 2 + [votes()]


def test_a_copy_that_was_dropped_has_the_votes_of_the_other(three_images):
    table, cast = three_images
    pooled = ferplus.votes_of(table.assign(ferplus_row=[2, -1, -1]), cast)
    assert pooled.tolist() == [cast[2].tolist()] * 2 + [votes()]


def test_statistics():
    cast = [
        votes(fear=6, surprise=2, unknown=2),
        votes(happy=5, sad=5),
        votes(happy=4, no_face=6),
        votes(contempt=10),
    ]
    labels = ["surprise", "happy", "happy", "sad"]
    table = ferplus.statistics(labels, np.array(cast))
    assert list(table.columns) == ferplus.COLUMNS
    assert list(table["votes"]) == [8, 10, 4, 0]
    # The second has no majority, the third too few votes, and the last none at all.
    assert table["crowd"].fillna("none").tolist() == ["fear", "none", "none", "none"]
    assert table["crowd_share"][:3].tolist() == [0.75, 0.5, 1]
    assert table["label_share"][:3].tolist() == [0.25, 0.5, 1]
    assert table["entropy"][:3].tolist() == pytest.approx([0.8113, 1, 0])
    assert table.loc[3, ["crowd_share", "label_share", "entropy"]].isna().all()


def test_vote_shares_of_labels_and_of_voters():
    table = pd.DataFrame({"usage": "PublicTest", "label": ["fear", "fear", "sad"]})
    cast = np.array([votes(fear=3, surprise=1), votes(surprise=2), votes(sad=1)])
    shares = ferplus.vote_shares(table, cast).loc["PublicTest"]
    fear = shares.loc["label", "fear"]
    assert (fear["fear"], fear["surprise"], fear["images"]) == (0.375, 0.625, 2)
    # Of the first image's 12 ordered pairs of voters, 6 are fear-fear and 3 fear-surprise.
    voter = shares.loc["voter", "fear"]
    assert voter["images"] == 0.75
    assert voter[["fear", "surprise"]].tolist() == pytest.approx([2 / 3, 1 / 3], abs=1e-5)
    assert shares.loc[("voter", "surprise"), "surprise"] == pytest.approx(1 / 1.25)
    # A single voter makes no pair.
    assert shares.loc[("voter", "sad"), "images"] == 0


def test_recorded_vote_shares_fit_the_manifest():
    shares, facts = ferplus.load_vote_shares(), manifest.load()
    for usage in ("Training", "PublicTest", "PrivateTest"):
        both = shares.loc[usage]
        images = both["images"].groupby("given").sum()
        assert images["label"] == pytest.approx(images["voter"], abs=1)
        assert both[list(ferplus.OPTIONS)].sum(axis=1).to_numpy() == pytest.approx(1, abs=1e-4)
        labels = facts.loc[facts["usage"] == usage, "label"].value_counts()
        counted = both.loc["label", "images"]
        assert (counted <= labels[counted.index]).all()
        assert (counted > 0.98 * labels[counted.index]).all()


def test_a_wrong_or_truncated_file_is_refused(tmp_path):
    path = tmp_path / "fer2013new.csv"
    path.write_text("Usage,Image name,neutral\n")
    with pytest.raises(Problem, match="not the complete FER\\+ votes.*fer data --download"):
        ferplus.read(path)
    with pytest.raises(Problem, match="Correct the path"):
        ferplus.read(tmp_path / "missing.csv")
    with pytest.raises(Problem, match="Correct the path"):
        ferplus.read(tmp_path)


def test_a_wrong_path_in_the_environment_is_explained(monkeypatch):
    monkeypatch.setenv("FERPLUS", "/nowhere/fer2013new.csv")
    with pytest.raises(Problem, match="FERPLUS=/nowhere"):
        ferplus.locate()


def test_it_is_found_in_data(monkeypatch, tmp_path):
    monkeypatch.delenv("FERPLUS", raising=False)
    monkeypatch.setattr(paths, "DATA", tmp_path)
    assert ferplus.locate() is None
    assert "No FER+ votes here" in ferplus.report()
    (tmp_path / ferplus.FILE).write_text("damaged")
    assert ferplus.locate() == tmp_path / ferplus.FILE
    with pytest.raises(Problem, match="not the complete"):
        ferplus.report()


def test_download_checks_what_it_brings(monkeypatch, tmp_path):
    import pooch

    def retrieve(url, known_hash, name, folder):
        assert url.endswith(f"{ferplus.COMMIT}/{ferplus.FILE}") and known_hash == ferplus.SHA256
        return folder / name

    monkeypatch.setattr(paths, "DATA", tmp_path)
    monkeypatch.setattr(pooch, "retrieve", retrieve)
    assert ferplus.download() == tmp_path / ferplus.FILE


@pytest.mark.parametrize("error", [OSError("no route to host"), ValueError("SHA256 differs")])
def test_a_failed_download_is_explained(error, monkeypatch, tmp_path):
    import pooch

    def fail(*arguments):
        raise error

    monkeypatch.setattr(paths, "DATA", tmp_path)
    monkeypatch.setattr(pooch, "retrieve", fail)
    with pytest.raises(Problem, match=f"{error}.*name it in FERPLUS"):
        ferplus.download()
    assert list(tmp_path.iterdir()) == []


def test_the_manifest_is_not_remade_without_votes(monkeypatch, capsys):
    from fer_lib.data import fer2013

    monkeypatch.setattr(fer2013, "locate", lambda: "somewhere")
    monkeypatch.setattr(ferplus, "locate", lambda: None)
    assert cli.main(["data", "--manifest"]) == 1
    assert "The manifest needs the FER+ votes." in capsys.readouterr().err


@needs_votes
def test_the_real_file_gives_the_recorded_columns():
    recorded = manifest.load()
    cast = ferplus.read(ferplus.locate())
    assert cast.shape == (35887, len(ferplus.OPTIONS))
    again = manifest.with_votes(recorded.loc[:, :"near_group"], cast)
    pd.testing.assert_frame_equal(again, recorded)
    shares = ferplus.vote_shares(recorded, ferplus.votes_of(recorded, cast))
    pd.testing.assert_frame_equal(shares, ferplus.load_vote_shares(), rtol=1e-4, check_names=False)


@needs_votes
def test_line_ends_of_windows_are_accepted(tmp_path):
    path = tmp_path / "fer2013new.csv"
    original = ferplus.locate().read_bytes()
    path.write_bytes(original.replace(b"\n", b"\r\n"))
    assert np.array_equal(ferplus.read(path), ferplus.read(ferplus.locate()))


def test_the_protocol_ignores_single_votes_and_drops_what_has_no_majority():
    votes = np.zeros((5, 10), int)
    of_rows = [
        {"happy": 6, "sad": 4},
        {"contempt": 6, "sad": 4},
        {"unknown": 7, "sad": 3},
        {"fear": 5, "sad": 5},
        {"angry": 4, "fear": 2, "sad": 1, "disgust": 1, "neutral": 1, "happy": 1},
    ]
    for row, options in enumerate(of_rows):
        for option, count in options.items():
            votes[row, ferplus.OPTIONS.index(option)] = count
    classes = ferplus.protocol_classes(np.array([4, -1, 0, 1, 2, 3]), votes)
    assert classes.tolist() == ["angry", None, "happy", "contempt", None, None]
