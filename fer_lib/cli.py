"""The command `fer`: the library's long work from a terminal. It holds no logic of its own."""

import argparse
import sys

from fer_lib.problems import Problem


def main(arguments=None):
    """Run one `fer` command; returns the exit status: 0, or 1 after a one-line error."""
    options = _parser().parse_args(arguments)
    try:
        options.command(options)
    except Problem as problem:
        print(f"fer: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nfer: interrupted; the same command goes on where it was", file=sys.stderr)
        return 130
    return 0


def _parser():
    parser = argparse.ArgumentParser(
        prog="fer", description="Reading facial expressions: the course"
    )
    commands = parser.add_subparsers(required=True, metavar="command")

    data = commands.add_parser("data", help="tell which data is there; fetch it")
    action = data.add_mutually_exclusive_group()
    action.add_argument("--download", action="store_true", help="fetch FER2013 from Kaggle")
    action.add_argument("--weights", action="store_true", help="fetch the ImageNet weights")
    action.add_argument("--manifest", action="store_true", help="record the facts of FER2013 again")
    data.set_defaults(command=_data)

    train = commands.add_parser("train", help="train by a recipe and record the run")
    train.add_argument("recipe", help="paper, finetune, ... (see fer_lib/recipes.py), or baseline")
    train.add_argument("--seed", type=int, default=0, help="of weights, order and changes")
    train.set_defaults(command=_train)

    course = commands.add_parser("course", help="run all notebooks on the data at hand")
    course.set_defaults(command=_course)
    return parser


def _data(options):
    if options.download:
        from fer_lib import fer2013

        print(f"FER2013 is in {fer2013.download()}")
    elif options.weights:
        from fer_lib import model

        model.imagenet_backbone(224)
        print("The ImageNet weights of MobileNetV2 are in Keras' cache.")
    elif options.manifest:
        _make_manifest()
    else:
        from fer_lib import data

        print(data.report())


def _make_manifest():
    from fer_lib import data, fer2013, manifest, paths

    path = fer2013.locate()
    if path is None:
        raise Problem(f"no FER2013 to make the manifest from; {fer2013.HOW_TO_GET_IT}")
    print(f"reading {path}")
    dataset = data.from_arrays(fer2013.read(path))
    manifest.write(manifest.make(dataset))
    manifest.write_mean_faces(manifest.mean_faces(dataset))
    print(f"wrote {paths.MANIFEST} and {manifest.MEAN_FACES}")


def _train(options):
    from fer_lib import baselines, data, recipes, training

    if options.recipe == "baseline":
        run = baselines.record(data.load())
    else:
        recipe = recipes.find(options.recipe)
        dataset = data.load()
        print(f"{recipe.name}, seed {options.seed}, on {dataset}", flush=True)
        run = training.train(recipe, dataset, options.seed)
    for part, result in run.info["results"].items():
        print(f"{part}: accuracy {result['accuracy']:.1%} of {result['images']:,} images")


def _course(options):
    from fer_lib import course

    course.run()
