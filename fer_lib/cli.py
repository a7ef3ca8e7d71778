"""The command `fer`: the library's long work from a terminal. It holds no logic of its own."""

import argparse
import contextlib
import functools
import sys

from fer_lib.exceptions import Problem


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
    train.add_argument(
        "--all-devices",
        action="store_true",
        help="share every batch among all GPUs (TensorFlow, JAX); with one, as without the flag",
    )
    train.set_defaults(command=_train)

    peers = commands.add_parser("peers", help="set our classifier beside the package `fer`'s")
    peers.set_defaults(command=_peers)

    evaluate = commands.add_parser("evaluate", help="judge a recorded run or a model file")
    evaluate.add_argument("model", help="a run of data/runs, or a .keras or .tflite file")
    evaluate.set_defaults(command=_evaluate)

    robustness = commands.add_parser("robustness", help="what disturbed faces cost a recorded run")
    robustness.add_argument("run", help="a run of data/runs whose model is in data/models")
    robustness.set_defaults(command=_robustness)

    export = commands.add_parser("export", help="make the shipped models from a recorded run")
    export.add_argument("run", help="a run of data/runs whose model is in data/models")
    export.set_defaults(command=_export)

    bench = commands.add_parser("bench", help="measure how fast things are on this machine")
    bench.add_argument("what", choices=["model", "live", "training"], help="what to measure")
    bench.set_defaults(command=_bench)

    course = commands.add_parser("course", help="run all notebooks on the data at hand")
    course.set_defaults(command=_course)

    web = commands.add_parser("web", help="the paper's website, on this computer")
    web.add_argument("--host", default="127.0.0.1", help="whom it listens to; %(default)s: itself")
    web.add_argument("--port", type=int, help="8000, or a free one where that is taken")
    web.set_defaults(command=_web)
    return parser


def _data(options):
    if options.download:
        from fer_lib.data import fer2013

        print(f"FER2013 is in {fer2013.download()}")
    elif options.weights:
        from fer_lib import models

        models.imagenet_backbone(224)
        print("The ImageNet weights of MobileNetV2 are in Keras' cache.")
    elif options.manifest:
        _make_manifest()
    else:
        from fer_lib import data

        print(data.report())


def _make_manifest():
    from fer_lib import data, paths
    from fer_lib.data import fer2013, manifest

    path = fer2013.locate()
    if path is None:
        raise Problem(f"no FER2013 to make the manifest from; {fer2013.HOW_TO_GET_IT}")
    print(f"reading {path}")
    dataset = data.from_arrays(fer2013.read(path))
    manifest.write(manifest.make(dataset))
    manifest.write_mean_faces(manifest.mean_faces(dataset))
    print(f"wrote {paths.MANIFEST} and {manifest.MEAN_FACES}")


def _train(options):
    from fer_lib import data, training
    from fer_lib.training import baselines, devices, recipes

    if options.recipe == "baseline":
        run = baselines.record(data.load())
    else:
        recipe = recipes.find(options.recipe)
        dataset = data.load()
        print(f"{recipe.name}, seed {options.seed}, on {dataset}", flush=True)
        with devices.all_devices() if options.all_devices else contextlib.nullcontext():
            run = training.train(recipe, dataset, options.seed)
    for part, result in run.info["results"].items():
        print(f"{part}: accuracy {result['accuracy']:.1%} of {result['images']:,} images")


def _peers(options):
    from fer_lib.benchmarks import peers

    print(peers.report())


def _evaluate(options):
    from fer_lib import data
    from fer_lib.analysis import test_set
    from fer_lib.evaluation import report

    print(report.as_text(test_set.evaluate(options.model, data.load())).to_markdown())


def _robustness(options):
    from fer_lib import data, models
    from fer_lib.evaluation import robustness

    classify = functools.partial(models.predict, models.load(options.run))
    table = robustness.measure(classify, data.load())
    robustness.record(options.run, table)
    print(table.round(3).to_markdown())
    print(f"lost on average: {robustness.mean_accuracy_drop(table):.1f} points")


def _export(options):
    from fer_lib import data
    from fer_lib.models import export

    record = export.export(options.run, data.load())
    print(f"temperature {record['temperature']}, biases {record['biases']}")
    for name, facts in record["files"].items():
        print(f"{name}: {facts['bytes'] / 1e6:.1f} MB, SHA-256 {facts['sha256']}")


def _bench(options):
    from fer_lib.benchmarks import speed
    from fer_lib.training import recipes

    if options.what == "model":
        table = speed.runtimes()
    elif options.what == "live":
        table = speed.live_demo()
    else:
        table = speed.training_step(recipes.find("finetune"))
    print(table.round(2).to_string())
    if options.what == "live":
        print("ipywebrtc's recorder needs a browser: python tests/measure_recorder.py 15 adds it")


def _course(options):
    from fer_lib import course

    course.run()


def _web(options):
    from fer_lib import web

    web.serve(options.host, options.port)
