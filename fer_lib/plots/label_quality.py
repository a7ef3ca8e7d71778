"""Figures of notebooks 04 and 08 on labels: whose fault an error is, and likely label errors."""

from fer_lib.plots import style

NETWORK, LABEL, NEITHER, DIVIDED = style.OURS, style.PEOPLE, style.BASELINE, style.LIGHT_GRAY


def error_sources(shares, title):
    """Draw a stacked bar of the errors by what people say of the images.

    Args:
        shares: `evaluation.Estimate` of the shares of all images, `(4,)`, in the order of
            `label_noise.SOURCES`.
        title: Title of the figure.

    Returns:
        The `Figure`.
    """
    from fer_lib.analysis.label_noise import SOURCES

    figure, axis = style.new_figure(8, 2.2)
    start = 0
    colors = {NETWORK: "white", LABEL: "black", NEITHER: "white", DIVIDED: "black"}
    for source, color, value, low, high in zip(SOURCES, colors, *shares, strict=True):
        axis.barh(0, 100 * value, left=start, color=color, edgecolor="white")
        text = f"{source}\n{100 * value:.1f}\n[{100 * low:.1f}, {100 * high:.1f}]"
        text = text.replace("people agree with ", "people agree\nwith ")
        text = text.replace("people see ", "people see\n").replace("people are ", "people are\n")
        middle = start + 50 * value
        axis.text(middle, 0, text, ha="center", va="center", size=style.SMALL, color=colors[color])
        start += 100 * value
    axis.set(xlim=(0, start), yticks=[], xlabel="errors of the paper's network (% of the images)")
    axis.spines["left"].set_visible(False)
    style.set_title(figure, title)
    return figure


def precision_at(tables, title):
    """Draw how many of the first images of rankings carry a label that people reject.

    Args:
        tables: `{name: table}`, of `label_noise.precision_at`, all of the same sizes.
        title: Title of the figure.

    Returns:
        The `Figure`.
    """
    figure, axis = style.new_figure(8, 3.6)
    for (name, table), color in zip(tables.items(), (style.OURS, style.BASELINE), strict=True):
        percent = 100 * table
        axis.plot(percent.index, percent["precision"], "o-", color=color, label=name)
        axis.fill_between(percent.index, percent["low"], percent["high"], color=color, alpha=0.2)
        mix = f"{name}: chance, same class mix"
        axis.plot(percent.index, percent["expected"], ":", color=color, label=mix)
    axis.set(xscale="log", ylim=(0, 100), xlabel="number of most suspect images")
    axis.set_ylabel("label rejected by people (%)")
    axis.set_xticks(percent.index, [f"{size:,}" for size in percent.index], minor=False)
    axis.minorticks_off()
    axis.legend(frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))
    style.set_title(figure, title)
    return figure
