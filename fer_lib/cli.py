"""The command `fer`: the library's long work from a terminal. It has no logic of its own."""

import argparse
import contextlib
import functools
import sys

import fer_lib
from fer_lib.exceptions import Problem


def main(arguments=None):
    """Run one `fer` command.

    Args:
        arguments: List of strings; defaults to the command line's.

    Returns:
        The exit status: 0, 1 after a one-line error message, or 130 after Ctrl-C.
    """
    options = _parser().parse_args(arguments)
    try:
        options.command(options)
    except Problem as problem:
        print(f"fer: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nfer: Interrupted. Run the same command again to resume.", file=sys.stderr)
        return 130
    return 0


def _parser():
    parser = argparse.ArgumentParser(
        prog="fer", description="The long work of the course on facial expression recognition"
    )
    parser.add_argument("--version", action="version", version=f"fer_lib {fer_lib.__version__}")
    commands = parser.add_subparsers(required=True, metavar="command")
    for add in (
        _add_data,
        _add_train,
        _add_evaluate,
        _add_experiment,
        _add_robustness,
        _add_export,
        _add_peers,
        _add_bench,
        _add_course,
        _add_slides,
        _add_offline,
        _add_web,
    ):
        add(commands)
    return parser


def _add_data(commands):
    data = commands.add_parser("data", help="show which data is available; download it")
    action = data.add_mutually_exclusive_group()
    action.add_argument("--download", action="store_true", help="download FER2013 and FER+")
    action.add_argument("--weights", action="store_true", help="download the ImageNet weights")
    action.add_argument("--manifest", action="store_true", help="regenerate FER2013's manifest")
    data.set_defaults(command=_data)


def _data(options):
    if options.download:
        from fer_lib.data import fer2013, ferplus

        print(f"FER2013 is in {fer2013.locate() or fer2013.download()}")
        print(f"The FER+ votes are in {ferplus.locate() or ferplus.download()}")
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
    from fer_lib.data import fer2013, ferplus, manifest

    path, path_of_votes = fer2013.locate(), ferplus.locate()
    if path is None:
        raise Problem(f"The manifest needs FER2013. {fer2013.HOW_TO_GET_IT}")
    if path_of_votes is None:
        raise Problem(f"The manifest needs the FER+ votes. {ferplus.HOW_TO_GET_IT}")
    print(f"Reading {path} and {path_of_votes}")
    votes = ferplus.read(path_of_votes)
    dataset = data.from_arrays(fer2013.read(path))
    table = manifest.with_votes(manifest.make(dataset), votes)
    manifest.write(table)
    manifest.write_mean_faces(manifest.mean_faces(dataset))
    ferplus.write_vote_shares(ferplus.vote_shares(table, ferplus.votes_of(table, votes)))
    print(f"Wrote {paths.MANIFEST}, {manifest.MEAN_FACES}, and {ferplus.SHARES}")


def _add_train(commands):
    train = commands.add_parser("train", help="train by a recipe and record the run")
    train.add_argument(
        "recipe",
        help="paper, finetune, ... (see fer_lib/training/recipes.py), baseline, or small-cnn",
    )
    train.add_argument(
        "--seed", type=int, default=0, help="of weights, order, and data augmentation"
    )
    train.add_argument(
        "--all-devices",
        action="store_true",
        help="split every batch among all GPUs (TensorFlow, JAX); no effect with a single one",
    )
    train.set_defaults(command=_train)


def _train(options):
    from fer_lib import data, runs, training
    from fer_lib.training import baselines, devices, recipes, small_cnn

    if options.recipe == "baseline":
        run = baselines.record(data.load())
    elif options.recipe == recipes.SMALL_CNN:
        run = small_cnn.record(data.load(), options.seed)
    else:
        recipe = recipes.find(options.recipe)
        dataset = data.load()
        print(f"{recipe.name}, seed {options.seed}, on {dataset}")
        to_train = training.runs_to_train(recipe, dataset, options.seed)
        hours = runs.hours(to_train) if dataset.source == data.FER2013 else None
        took = ""
        if hours is not None:
            machines = " and ".join(runs.machines(to_train))
            took = f" (recorded ones took {hours:.1f} hours on {machines})"
        print(f"runs to train: {', '.join(to_train)}{took}", flush=True)
        with devices.all_devices() if options.all_devices else contextlib.nullcontext():
            run = training.train(recipe, dataset, options.seed)
    for part, result in run.info["results"].items():
        print(f"{part}: accuracy {result['accuracy']:.1%} of {result['images']:,} images")


def _add_evaluate(commands):
    evaluate = commands.add_parser("evaluate", help="evaluate a recorded run or a model file")
    evaluate.add_argument("model", help="a run in data/runs, or a .keras or .tflite file")
    evaluate.set_defaults(command=_evaluate)


def _evaluate(options):
    from fer_lib import data
    from fer_lib.analysis import test_set
    from fer_lib.evaluation import report

    print(report.as_text(test_set.evaluate(options.model, data.load())).to_markdown())


def _add_experiment(commands):
    from fer_lib.experiments import records

    names = "\n".join(f"  {name:17}{what.about}" for name, what in records.EXPERIMENTS.items())
    experiment = commands.add_parser(
        "experiment",
        help="run an experiment of the error analysis and record it",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog=f"experiments:\n{names}",
    )
    choices = list(records.EXPERIMENTS)
    experiment.add_argument("name", choices=choices, metavar="name", help="one of those below")
    experiment.set_defaults(command=_experiment)


def _experiment(options):
    from fer_lib import data
    from fer_lib.data import fer2013
    from fer_lib.experiments import records

    dataset = data.load()
    if dataset.source != data.FER2013:
        raise Problem(f"Experiments need FER2013. {fer2013.HOW_TO_GET_IT}")
    print(f"Wrote {records.record(options.name, dataset)}")


def _add_robustness(commands):
    robustness = commands.add_parser("robustness", help="test a recorded run on corrupted images")
    robustness.add_argument("run", help="a run in data/runs whose model is in data/models")
    robustness.set_defaults(command=_robustness)


def _robustness(options):
    from fer_lib import data, models
    from fer_lib.evaluation import robustness

    classify = functools.partial(models.predict, models.load(options.run))
    table = robustness.measure(classify, data.load())
    robustness.record(options.run, table)
    print(table.round(3).to_markdown())
    print(f"Mean accuracy drop: {robustness.mean_accuracy_drop(table):.1f} percentage points")


def _add_export(commands):
    export = commands.add_parser("export", help="make the shipped models from a recorded run")
    export.add_argument("run", help="a run in data/runs whose model is in data/models")
    export.set_defaults(command=_export)


def _export(options):
    from fer_lib import data
    from fer_lib.models import export

    record = export.export(options.run, data.load())
    for answer, fitted in record["calibration"].items():
        print(f"{answer}: temperature {fitted['temperature']}, biases {fitted['biases']}")
    for name, facts in record["files"].items():
        print(f"{name}: {facts['bytes'] / 1e6:.1f} MB, SHA-256 {facts['sha256']}")


def _add_peers(commands):
    peers = commands.add_parser("peers", help="compare our classifier with the package fer's")
    peers.set_defaults(command=_peers)


def _peers(options):
    from fer_lib.benchmarks import peers

    print(peers.report())


def _add_bench(commands):
    bench = commands.add_parser("bench", help="measure how fast things are on this computer")
    benchmarks = bench.add_subparsers(required=True, metavar="what")

    def add(name, command, description):
        benchmark = benchmarks.add_parser(name, help=description)
        benchmark.set_defaults(command=command)
        return benchmark

    add("model", _bench_model, "every way to run the shipped classifier")
    add("live", _bench_live, "the live demo's stages, and naive approaches")
    add("training", _bench_training, "the parts of a training step")
    live_view = add("live-view", _bench_live_view, "the live view in JupyterLab and Chromium")
    live_view.add_argument("minutes", type=int, help="how many minutes to measure")
    recorder = add("recorder", _bench_recorder, "ipywebrtc's ImageRecorder in Chromium")
    recorder.add_argument("seconds", type=float, help="how long to record in each format")
    add("memory", _bench_memory, "the memory that one learner takes, notebook by notebook")
    add("website", _bench_website, "the website under load, for a minute")
    demo = add("demo", _bench_demo, "the demo in the browser, beside face-api, in Chromium")
    demo.add_argument("minutes", type=int, help="how many minutes to measure the memory")
    add("parity", _bench_parity, "whether the demo in the browser says what Python says")


def _bench_model(options):
    from fer_lib.benchmarks import speed

    print(speed.runtimes().round(2).to_string())


def _bench_live(options):
    from fer_lib.benchmarks import speed

    print(speed.live_demo().round(2).to_string())
    print("`fer bench recorder 15` adds ipywebrtc's recorder, which needs a browser.")


def _bench_training(options):
    from fer_lib.benchmarks import speed
    from fer_lib.training import recipes

    print(speed.training_step(recipes.find("finetune")).round(2).to_string())


def _bench_live_view(options):
    from fer_lib.benchmarks import live_view_speed

    print(live_view_speed.measure(options.minutes).round(1).to_string())


def _bench_recorder(options):
    from fer_lib.benchmarks import image_recorder

    print(image_recorder.measure(options.seconds).round(2).to_string())


def _bench_memory(options):
    from fer_lib.benchmarks import memory

    print(memory.measure().round().astype(int).to_string())


def _bench_website(options):
    from fer_lib.benchmarks import website_load

    print(website_load.report())


def _bench_demo(options):
    from fer_lib.benchmarks import demo_speed

    print(demo_speed.report(options.minutes))


def _bench_parity(options):
    from fer_lib.benchmarks import parity

    print(parity.report())


def _add_course(commands):
    course = commands.add_parser("course", help="run all notebooks on the available data")
    course.set_defaults(command=_course)


def _course(options):
    from fer_lib import course

    course.run()


def _add_slides(commands):
    slides = commands.add_parser("slides", help="make a teacher's slides from the notebooks")
    slides.set_defaults(command=_slides)


def _slides(options):
    from fer_lib.teaching import slides

    for page in slides.write():
        print(page)


def _add_offline(commands):
    from fer_lib.teaching import offline

    room = commands.add_parser("offline", help="make a folder for a room without network")
    room.add_argument("folder", help="a new folder, for example on a USB drive")
    room.add_argument(
        "--systems",
        nargs="+",
        choices=list(offline.SYSTEMS),
        default=[offline.this_system()],
        help="the room's systems; by default this computer's",
    )
    room.add_argument(
        "--python",
        nargs="+",
        choices=offline.PYTHONS,
        default=[offline.this_python()],
        help="the room's Python versions; by default this one",
    )
    room.set_defaults(command=_offline)


def _offline(options):
    from fer_lib.teaching import offline

    sizes = offline.make(options.folder, options.systems, options.python)
    print(sizes.round().astype(int).to_string())
    print(f"Copy {options.folder} to each computer; its README.txt has the two lines to install.")


def _add_web(commands):
    web = commands.add_parser("web", help="run the paper's website on this computer")
    web.add_argument(
        "--host", default="127.0.0.1", help="address to bind to; %(default)s: this computer only"
    )
    web.add_argument("--port", type=int, help="8000 by default, or a free one if that is taken")
    web.set_defaults(command=_web)


def _web(options):
    from fer_lib import web

    web.serve(options.host, options.port)
