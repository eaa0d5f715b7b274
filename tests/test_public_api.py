"""The names at the package root: complete, sorted, documented, loaded on first use."""

from __future__ import annotations

import pytest

import sparseopt


def test_names_are_sorted_and_unique():
    assert sparseopt.__all__ == sorted(set(sparseopt.__all__))


@pytest.mark.parametrize("name", sparseopt.__all__)
def test_every_public_name_resolves_and_is_documented(name):
    assert (getattr(sparseopt, name).__doc__ or "").strip()


def test_dir_lists_the_names_that_are_not_loaded_yet():
    assert set(sparseopt.__all__) <= set(dir(sparseopt))


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="jacobain"):
        _ = sparseopt.jacobain
