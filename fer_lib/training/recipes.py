"""What each training run of the course does: its recipe, by name."""

from dataclasses import asdict, dataclass, replace

from fer_lib.exceptions import Problem
from fer_lib.runs import RunName
from fer_lib.training.augmentation import Augmentation


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
    label_smoothing: share of each target spread evenly over the classes (Szegedy et al. 2016, 7).
    mixup: alpha of the Beta distribution by which images and targets of a batch are blended in
    pairs, 0: not at all (Zhang et al. 2018). weight_average: momentum of the moving average of the
    weights over the steps, which takes their place at the end of each epoch. starts_from: the
    recipe whose model of the same seed training starts from, None: ImageNet's. average_with_start:
    whether the result is the mean of the weights at the start and at the end (Wortsman et al.
    2022). teachers: runs whose mean prediction makes up `teacher_share` of each target
    (distillation, Hinton et al. 2015).
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
    label_smoothing: float = 0.0
    mixup: float = 0.0
    weight_average: float | None = None
    starts_from: str | None = None
    average_with_start: bool = False
    teachers: tuple = ()
    teacher_share: float = 0.5

    def builds_on(self, seed):
        """Names of the runs whose models it needs, of its own seed and its teachers."""
        former = [] if self.starts_from is None else [str(RunName(self.starts_from, seed))]
        return [*former, *self.teachers]

    def as_dict(self):
        """The recipe as plain values, for `run.json`."""
        return {**asdict(self), "augmentation": self.augmentation._asdict()}

    @classmethod
    def from_dict(cls, values):
        """The recipe of a `run.json`; what an older one does not know yet was not done then."""
        augmentation = Augmentation(**values["augmentation"])
        lists = {"pixel_range": tuple(values["pixel_range"])}
        lists["teachers"] = tuple(values.get("teachers", ()))
        return cls(**{**values, **lists, "augmentation": augmentation})


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

# The whole network learns, for a short while and with mild changes of the images.
FINETUNE_BRIEFLY = Recipe(
    "finetune-8-epochs",
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

# Harder training images, and softer targets than the labels, which are often doubtful.
HARDER = Augmentation(
    flip=True,
    shift=4,
    scale=0.15,
    rotation=15,
    contrast=0.2,
    brightness=20,
    gamma=1.6,
    blur=0.8,
    jpeg=40,
    erase=0.2,
)
FINETUNE_SMALL = replace(
    FINETUNE_BRIEFLY,
    name="finetune-64px",
    size=64,
    augmentation=HARDER,
    label_smoothing=0.1,
    mixup=0.2,
    epochs=16,
    keep="last",
)
FINETUNE_RESTARTED = replace(
    FINETUNE_BRIEFLY,
    name="finetune-restarted",
    starts_from="finetune-8-epochs",
    augmentation=HARDER,
    label_smoothing=0.1,
    learning_rate=0.0005,
    epochs=12,
    keep="last",
)

# It learns the labels' doubts from the runs before it.
FINETUNE_DISTILLED = replace(
    FINETUNE_RESTARTED,
    name="finetune-taught",
    starts_from="finetune-restarted",
    label_smoothing=0.0,
    teachers=("finetune-8-epochs-seed0", "finetune-restarted-seed0"),
    teacher_share=0.7,
    epochs=10,
)
# Larger images, and pairs of them blended, so that less is learnt by heart.
FINETUNE_MIXED = replace(
    FINETUNE_DISTILLED,
    name="finetune-mixed",
    size=128,
    mixup=0.2,
    starts_from="finetune-taught",
    teachers=("finetune-restarted-seed0", "finetune-taught-seed0"),
    teacher_share=0.5,
    epochs=9,
)
# The shipped model: whole images again, as those that it will see are not blended, and the mean
# of both networks.
FINETUNE = replace(
    FINETUNE_MIXED,
    name="finetune",
    mixup=0.0,
    starts_from="finetune-mixed",
    average_with_start=True,
    teachers=("finetune-taught-seed0", "finetune-mixed-seed0"),
    epochs=12,
)
# The same once more, with three teachers: no gain, so it is not shipped.
FINETUNE_LONGER = replace(
    FINETUNE,
    name="finetune-longer",
    starts_from="finetune",
    teachers=(*FINETUNE.teachers, "finetune-seed0"),
)

# One change at a time, on short trainings at a small size: what is each worth by itself?
ABLATION = replace(
    FINETUNE_BRIEFLY, name="ablation", size=48, augmentation=Augmentation(), epochs=5, keep="last"
)
ABLATIONS = [
    replace(ABLATION, name=f"ablation-{name}", **change)
    for name, change in {
        "64px": {"size": 64},
        "momentum-0.999": {"batch_normalisation_momentum": 0.999},
        "constant-rate": {"schedule": "constant"},
        "flips": {"augmentation": Augmentation(flip=True)},
        "mild-changes": {"augmentation": FINETUNE_BRIEFLY.augmentation},
        "harder-changes": {"augmentation": HARDER},
        "label-smoothing": {"label_smoothing": 0.1},
        "mixup": {"mixup": 0.2},
        "weight-average": {"weight_average": 0.99},
        "balanced-classes": {"balanced_classes": True},
        "teacher": {"teachers": ("finetune-restarted-seed0",)},
    }.items()
]

RECIPES = {
    recipe.name: recipe
    for recipe in [
        PAPER,
        *PAPER_VARIANTS,
        ABLATION,
        *ABLATIONS,
        FINETUNE_BRIEFLY,
        FINETUNE_SMALL,
        FINETUNE_RESTARTED,
        FINETUNE_DISTILLED,
        FINETUNE_MIXED,
        FINETUNE,
        FINETUNE_LONGER,
    ]
}


def find(name):
    """The recipe of that name; raises Problem if there is none."""
    if name not in RECIPES:
        raise Problem(f"no recipe {name!r}; there are {', '.join(RECIPES)}")
    return RECIPES[name]
