"""Formulas as MathML, which browsers show themselves: MathJax would come from another host."""

from docutils import nodes
from docutils.utils.math.latex2mathml import tex2mathml


def setup(app):
    app.add_html_math_renderer("mathml", (show_formula, None), (show_formula, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def show_formula(translator, node):
    """Write a formula, inline or as a block of its own, in place of its node."""
    block = isinstance(node, nodes.math_block)
    translator.body.append(tex2mathml(node.astext(), as_block=block))
    raise nodes.SkipNode
