"""Formulas on the website."""

import pytest

nodes = pytest.importorskip("docutils.nodes")
mathml = pytest.importorskip("mathml")


class Translator:
    def __init__(self):
        self.body = []


@pytest.mark.parametrize(
    ("node", "display"), [(nodes.math, None), (nodes.math_block, 'display="block"')]
)
def test_a_formula_becomes_mathml(node, display):
    translator = Translator()
    with pytest.raises(nodes.SkipNode):
        mathml.show_formula(translator, node(text=r"\frac{1}{2}"))
    (formula,) = translator.body
    assert formula.startswith("<math") and "<mfrac>" in formula
    assert (display in formula) if display else ("display" not in formula)
