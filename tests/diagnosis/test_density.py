"""Lines that make a Hessian dense."""

from __future__ import annotations


def test_the_line_of_the_sum_is_named_and_lifting_is_shown(model):
    m = model(
        """
        x = m.variable("x", 60, start=0.1)
        total = np.sum(x)
        m.minimize(np.sum(x**2) + np.exp(total))
        """
    )
    (finding,) = m.problem().diagnose()
    assert (
        str(finding)
        == """\
warning: a function of one sum fills a Hessian of 1,830 nonzeros for 60 variables
  where:   model.py:2
  why:     it couples all of the sum's terms with each other, and factorizations cost the cube of \
their number
  instead: s = m.variable("s"); m.subject_to(s == <the sum>); then use s in its place"""
    )


def test_what_is_advised_helps(model):
    m = model(
        """
        x = m.variable("x", 60, start=0.1)
        s = m.variable("s", start=6.0)
        m.subject_to(s == np.sum(x))
        m.minimize(np.sum(x**2) + np.exp(s))
        """
    )
    assert len(m.problem().diagnose()) == 0
