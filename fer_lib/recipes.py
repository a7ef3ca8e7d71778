"""What each training run of the course does: its recipe, by name."""

from dataclasses import asdict, dataclass, replace

from fer_lib.augmentation import Augmentation
from fer_lib.problems import Problem


@dataclass(frozen=True)
class Recipe:
    """All that decides a training run, but for the data and the seed.

    split: "paper" or "official". size: pixels a side that the backbone sees.
    trainable_from: what is trained besides the head: None (nothing), a backbone layer's name (the
    layers after it) or "all". augmentation: random for "all"; with frozen layers, whose features
    are computed once, only `flip` counts: every training image is there mirrored, too.
    hidden_units: width of the head's ReLU layer, 0 for none. optimizer: a Keras name.
    schedule: "constant" or "cosine" (falls to 0 over all epochs). patience: epochs without a lower
    validation loss before stopping, None: never stop early. keep: which epoch's weights are the
    result, "last" or "best" (highest validation accuracy).
    """

    name: str
    split: str = "paper"
    size: int = 224
    pixel_range: tuple = (-1, 1)
    pooling: str = "average"
    hidden_units: int = 128
    dropout: float = 0.3
    trainable_from: str | None = None
    batch_normalisation_momentum: float = 0.999
    augmentation: Augmentation = Augmentation()
    balanced_classes: bool = False
    optimizer: str = "adam"
    learning_rate: float = 0.001
    schedule: str = "constant"
    batch_size: int = 128
    epochs: int = 30
    patience: int | None = 3
    keep: str = "last"

    def as_dict(self):
        """The recipe as plain values, for `run.json`."""
        return {**asdict(self), "augmentation": self.augmentation._asdict()}


# The paper's settings (its section 3) with what it leaves open filled in: see notebook 02.
PAPER = Recipe("paper")

# The paper leaves open the input size, the head, augmentation and how much is frozen.
PAPER_VARIANTS = [
    *(replace(PAPER, name=f"paper-{size}px", size=size) for size in (48, 96, 160)),
    *(
        replace(PAPER, name=f"paper-{size}px-softmax", size=size, hidden_units=0)
        for size in (48, 96, 160, 224)
    ),
    replace(PAPER, name="paper-96px-flatten", size=96, pooling="flatten"),
    replace(PAPER, name="paper-96px-range-0-1", size=96, pixel_range=(0, 1)),
    replace(PAPER, name="paper-96px-flip", size=96, augmentation=Augmentation(flip=True)),
    # Training part of the backbone: with Keras' momentum of batch normalisation, and mended.
    replace(PAPER, name="paper-96px-last-block", size=96, trainable_from="block_15_add"),
    replace(
        PAPER,
        name="paper-96px-last-block-momentum-0.9",
        size=96,
        trainable_from="block_15_add",
        batch_normalisation_momentum=0.9,
    ),
    replace(PAPER, name="paper-224px-no-dropout", dropout=0.0),
    replace(PAPER, name="paper-224px-512-units", hidden_units=512),
    # Fewer units in place of dropout: either keeps training accuracy down.
    *(
        replace(
            PAPER,
            name=f"paper-224px-{units}-units-no-dropout",
            hidden_units=units,
            dropout=0.0,
        )
        for units in (32, 64)
    ),
    replace(PAPER, name="paper-224px-balanced", balanced_classes=True),
]

FINETUNE = Recipe(
    "finetune",
    split="official",
    size=96,
    hidden_units=0,
    trainable_from="all",
    batch_normalisation_momentum=0.9,
    augmentation=Augmentation(
        flip=True, shift=4, scale=0.1, rotation=10, contrast=0.2, brightness=20
    ),
    optimizer="adamw",
    schedule="cosine",
    epochs=8,
    patience=None,
    keep="best",
)

RECIPES = {recipe.name: recipe for recipe in [PAPER, *PAPER_VARIANTS, FINETUNE]}


def find(name):
    """The recipe of that name; raises Problem if there is none."""
    if name not in RECIPES:
        raise Problem(f"no recipe {name!r}; there are {', '.join(RECIPES)}")
    return RECIPES[name]
