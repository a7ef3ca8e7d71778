"""Recipes: the hyperparameters of each training run of the course, by name."""

from dataclasses import asdict, dataclass, replace

from fer_lib.exceptions import Problem
from fer_lib.labels import ANSWERS, LABEL
from fer_lib.runs import RunName
from fer_lib.training.augmentation import Augmentation

# Fields under the names by which older runs recorded them.
OLD_NAMES = {
    "batch_normalisation_momentum": "batch_norm_momentum",
    "weight_average": "ema_momentum",
    "teacher_share": "distillation_weight",
}


@dataclass(frozen=True)
class Recipe:
    """All that decides a training run, except for the data and the seed.

    Attributes:
        name: Name of the recipe, e.g. `"paper"`.
        split: `"paper"` or `"official"`; see `data.paper_split` and `data.official_split`.
        without_copies: Whether to leave out training images of photographs that the official test
            sets show, too; see `data.without_copies`.
        size: Side of the images that the backbone takes, pixels.
        pixel_range: Values of black and white that the backbone takes.
        pooling: A key of `models.POOLINGS`.
        hidden_units: Width of the head's ReLU layer; 0 for no hidden layer.
        dropout: Dropout rate after the hidden layer, 0-1.
        trainable_from: What is trained besides the head: None for nothing, the name of a backbone
            layer for the layers after it, `"all"` for end-to-end fine-tuning.
        batch_norm_momentum: Momentum of the moving averages of batch normalization, 0-1, in
            unfrozen layers.
        augmentation: The data augmentation. With `trainable_from="all"` it is random in each epoch.
            With frozen layers, whose features are computed once, only `flip` counts: the training
            set then has every image and its horizontal flip.
        balanced_classes: Whether each class counts the same in the training loss.
        optimizer: Keras' name of the optimizer.
        learning_rate: The learning rate, with a schedule the highest.
        schedule: `"constant"` or `"cosine"` (cosine decay to 0 over all epochs).
        batch_size: Number of images per batch.
        epochs: Number of epochs; with early stopping the largest.
        patience: Number of epochs without a lower validation loss after which training stops; None
            for no early stopping.
        keep: The epoch whose weights are the result: `"last"`, or `"best"` (highest validation
            accuracy).
        label_smoothing: Fraction of each target that is spread evenly over the classes, 0-1
            (Szegedy et al. 2016, section 7).
        mixup: Alpha of the Beta distribution by which a batch's images and targets are blended in
            pairs; 0 for no mixup (Zhang et al. 2018).
        ema_momentum: Momentum of the exponential moving average of the weights over the steps,
            which replaces the weights at the end of each epoch; None for no averaging.
        people_weight: Weight of a second answer, what people would say, in the loss, 0-1; the
            label's answer has the rest. Its targets are the shares of FER+'s votes. 0 for a network
            that only answers what the label says.
        starts_from: Name of the recipe whose model, of the same seed, is the starting point; None
            for ImageNet's weights.
        average_with_start: Whether the result is the mean of the weights at the start and at the
            end (Wortsman et al. 2022).
        teachers: Names of the runs to distill from (Hinton et al. 2015).
        distillation_weight: Weight of the teachers' mean answer in each target, 0-1; that of the
            label, or of the votes, is the rest.
    """

    name: str
    split: str = "paper"
    without_copies: bool = False
    size: int = 224
    pixel_range: tuple = (-1, 1)
    pooling: str = "average"
    hidden_units: int = 128
    dropout: float = 0.3
    trainable_from: str | None = None
    batch_norm_momentum: float = 0.999
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
    ema_momentum: float | None = None
    people_weight: float = 0.0
    starts_from: str | None = None
    average_with_start: bool = False
    teachers: tuple = ()
    distillation_weight: float = 0.5

    def required_runs(self, seed):
        """List the runs whose models this recipe needs: its starting point and its teachers.

        Args:
            seed: Seed of the run to train; its starting point has the same.

        Returns:
            A list of run names.
        """
        start = [] if self.starts_from is None else [str(RunName(self.starts_from, seed))]
        return [*start, *self.teachers]

    @property
    def answers(self):
        """The answers that the network gives, `(LABEL,)` or `ANSWERS`."""
        return ANSWERS if self.people_weight else (LABEL,)

    def as_dict(self):
        """Turn the recipe into plain values, as `run.json` holds them."""
        return {**asdict(self), "augmentation": self.augmentation._asdict()}

    @classmethod
    def from_dict(cls, values):
        """Restore the recipe of a recorded run.

        Args:
            values: The entry `"recipe"` of a `run.json`, also one with `OLD_NAMES`. What an older
                one lacks was not done then.

        Returns:
            The `Recipe`.
        """
        renamed = {OLD_NAMES.get(field, field): value for field, value in values.items()}
        renamed["augmentation"] = Augmentation(**values["augmentation"])
        renamed["pixel_range"] = tuple(values["pixel_range"])
        renamed["teachers"] = tuple(values.get("teachers", ()))
        return cls(**renamed)


# The paper's hyperparameters (its section 3), completed where it leaves some open: see notebook 02.
PAPER = Recipe("paper")

# The paper leaves open the input size, the head, the augmentation, and how much is frozen.
PAPER_VARIANTS = [
    *(replace(PAPER, name=f"paper-{size}px", size=size) for size in (48, 96, 160)),
    *(
        replace(PAPER, name=f"paper-{size}px-softmax", size=size, hidden_units=0)
        for size in (48, 96, 160, 224)
    ),
    replace(PAPER, name="paper-96px-flatten", size=96, pooling="flatten"),
    replace(PAPER, name="paper-96px-range-0-1", size=96, pixel_range=(0, 1)),
    replace(PAPER, name="paper-96px-flip", size=96, augmentation=Augmentation(flip=True)),
    # Unfreezing the last block: with Keras' momentum of batch normalization, and with a lower one.
    replace(PAPER, name="paper-96px-last-block", size=96, trainable_from="block_15_add"),
    replace(
        PAPER,
        name="paper-96px-last-block-momentum-0.9",
        size=96,
        trainable_from="block_15_add",
        batch_norm_momentum=0.9,
    ),
    replace(PAPER, name="paper-224px-no-dropout", dropout=0.0),
    replace(PAPER, name="paper-224px-512-units", hidden_units=512),
    # Fewer units instead of dropout: either keeps training accuracy down.
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

# End-to-end fine-tuning, short and with mild augmentation.
MILD_AUGMENTATION = Augmentation(
    flip=True, shift=4, scale=0.1, rotation=10, contrast=0.2, brightness=20
)
FINETUNE_BRIEFLY = Recipe(
    "finetune-8-epochs",
    split="official",
    size=96,
    hidden_units=0,
    trainable_from="all",
    batch_norm_momentum=0.9,
    augmentation=MILD_AUGMENTATION,
    optimizer="adamw",
    schedule="cosine",
    epochs=8,
    patience=None,
    keep="best",
)

# Stronger augmentation, and softer targets than the labels, which are often ambiguous.
STRONGER_AUGMENTATION = Augmentation(
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
FINETUNE_64PX = replace(
    FINETUNE_BRIEFLY,
    name="finetune-64px",
    size=64,
    augmentation=STRONGER_AUGMENTATION,
    label_smoothing=0.1,
    mixup=0.2,
    epochs=16,
    keep="last",
)
FINETUNE_RESTARTED = replace(
    FINETUNE_BRIEFLY,
    name="finetune-restarted",
    starts_from="finetune-8-epochs",
    augmentation=STRONGER_AUGMENTATION,
    label_smoothing=0.1,
    learning_rate=0.0005,
    epochs=12,
    keep="last",
)

# Distilled from the runs before it, whose predictions show how ambiguous each label is.
FINETUNE_DISTILLED = replace(
    FINETUNE_RESTARTED,
    name="finetune-taught",
    starts_from="finetune-restarted",
    label_smoothing=0.0,
    teachers=("finetune-8-epochs-seed0", "finetune-restarted-seed0"),
    distillation_weight=0.7,
    epochs=10,
)
# Larger images, and mixup, so that it memorizes less.
FINETUNE_MIXED = replace(
    FINETUNE_DISTILLED,
    name="finetune-mixed",
    size=128,
    mixup=0.2,
    starts_from="finetune-taught",
    teachers=("finetune-restarted-seed0", "finetune-taught-seed0"),
    distillation_weight=0.5,
    epochs=9,
)
# Without mixup again, because the images that it will see are not blended, and
# the mean of its weights and those it starts from.
FINETUNE = replace(
    FINETUNE_MIXED,
    name="finetune",
    mixup=0.0,
    starts_from="finetune-mixed",
    average_with_start=True,
    teachers=("finetune-taught-seed0", "finetune-mixed-seed0"),
    epochs=12,
)
# The same again, with three teachers: no gain, so it is not shipped.
FINETUNE_LONGER = replace(
    FINETUNE,
    name="finetune-longer",
    starts_from="finetune",
    teachers=(*FINETUNE.teachers, "finetune-seed0"),
)

# This network also answers what people would say. Both answers start from the label's, and
# augmentation goes further, because strong blur and noise were what still cost most.
STRONGEST_AUGMENTATION = STRONGER_AUGMENTATION._replace(
    shift=5, scale=0.2, rotation=20, contrast=0.3, brightness=30, blur=1.2, noise=10
)
TWO_ANSWERS = replace(
    FINETUNE_BRIEFLY,
    name="two-answers",
    size=128,
    augmentation=STRONGEST_AUGMENTATION,
    learning_rate=0.0003,
    epochs=4,
    keep="last",
    label_smoothing=0.1,
    people_weight=0.5,
    starts_from="finetune",
)

# The shipped network: both answers again, but in two stages from ImageNet's weights instead of six.
# In the first stage, each seed makes a network that teaches in the second.
TEACHER = replace(
    TWO_ANSWERS,
    name="teacher",
    size=96,
    learning_rate=0.001,
    epochs=20,
    mixup=0.2,
    starts_from=None,
)
TEACHERS = tuple(str(RunName(TEACHER.name, seed)) for seed in range(3))
# The second: larger images, and targets that are half what the three networks of the first say.
TWO_STAGES = replace(
    TEACHER,
    name="two-stages",
    size=128,
    learning_rate=0.0005,
    epochs=60,
    label_smoothing=0.0,
    mixup=0.0,
    starts_from=TEACHER.name,
    teachers=TEACHERS,
)
# The same second stage with fewer epochs: what is it worth to train longer?
TWO_STAGES_10_EPOCHS = replace(TWO_STAGES, name="two-stages-10-epochs", epochs=10)
# What do the votes add to the first stage?
TEACHER_LABELS_ONLY = replace(TEACHER, name="teacher-labels-only", people_weight=0.0)

# One change at a time, in short training runs at a small size: what is each worth by itself?
ABLATION = replace(
    FINETUNE_BRIEFLY, name="ablation", size=48, augmentation=Augmentation(), epochs=5, keep="last"
)
ABLATIONS = [
    replace(ABLATION, name=f"ablation-{name}", **change)
    for name, change in {
        "64px": {"size": 64},
        "momentum-0.999": {"batch_norm_momentum": 0.999},
        "constant-rate": {"schedule": "constant"},
        "flips": {"augmentation": Augmentation(flip=True)},
        "mild-changes": {"augmentation": MILD_AUGMENTATION},
        "harder-changes": {"augmentation": STRONGER_AUGMENTATION},
        "label-smoothing": {"label_smoothing": 0.1},
        "mixup": {"mixup": 0.2},
        "weight-average": {"ema_momentum": 0.99},
        "balanced-classes": {"balanced_classes": True},
        "teacher": {"teachers": TEACHERS},
        "long": {"epochs": 20},
        "long-regularized": {
            "epochs": 20,
            "augmentation": STRONGER_AUGMENTATION,
            "label_smoothing": 0.1,
            "mixup": 0.2,
        },
    }.items()
]

# The same short recipe, to measure what copies of test images among the training images are worth.
ABLATION_WITHOUT_COPIES = replace(ABLATION, name="ablation-without-copies", without_copies=True)

# The runs of `small_cnn`, which trains by no `Recipe`.
SMALL_CNN = "small-cnn"

RECIPES = {
    recipe.name: recipe
    for recipe in [
        PAPER,
        *PAPER_VARIANTS,
        ABLATION,
        *ABLATIONS,
        ABLATION_WITHOUT_COPIES,
        FINETUNE_BRIEFLY,
        FINETUNE_64PX,
        FINETUNE_RESTARTED,
        FINETUNE_DISTILLED,
        FINETUNE_MIXED,
        FINETUNE,
        FINETUNE_LONGER,
        TWO_ANSWERS,
        TEACHER,
        TWO_STAGES,
        TWO_STAGES_10_EPOCHS,
        TEACHER_LABELS_ONLY,
    ]
}


def find(name):
    """Get a recipe of the course.

    Args:
        name: A key of `RECIPES`.

    Returns:
        The `Recipe`.

    Raises:
        Problem: If there is none of that name.
    """
    if name not in RECIPES:
        raise Problem(f"No recipe {name!r}. Choose one of {', '.join(RECIPES)}.")
    return RECIPES[name]
