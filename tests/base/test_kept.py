"""What takes seconds is kept by its content: made once, made again when an input changes, and whatever happens to the folder only costs time."""

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from nq57lab.base import kept

INPUT = pd.DataFrame({"code": ["a", "b"], "value": [1.0, float("nan")]})


@pytest.fixture
def asked(tmp_path):
    """Ask for a result; count how often it was made."""
    made: list[float] = []

    def ask(frame: pd.DataFrame = INPUT, told: str = "") -> pd.DataFrame:
        def make() -> dict[str, pd.DataFrame]:
            made.append(frame["value"].sum())
            return {"sum": pd.DataFrame({"sum": [frame["value"].sum()], "note": ["x"]})}

        return kept.tables(tmp_path / "cache", "tong", [frame], make, told)["sum"]

    ask.made, ask.folder = made, tmp_path / "cache" / "tong"
    return ask


def test_the_same_inputs_are_computed_once_and_read_back_the_same(asked):
    first = asked()
    assert_frame_equal(asked(), first)
    assert len(asked.made) == 1


def test_another_value_another_argument_or_another_column_is_another_result(asked):
    asked()
    assert asked(INPUT.assign(value=[2.0, 3.0]))["sum"].item() == 5
    asked(told="power")
    asked(INPUT.rename(columns={"code": "id"}))
    assert len(asked.made) == 4


@pytest.mark.parametrize("harm", ["empty", "broken", "unwritable"])
def test_a_folder_that_is_empty_broken_or_in_the_way_only_costs_time(asked, harm):
    first = asked()
    (place,) = asked.folder.iterdir()
    for path in place.iterdir():
        path.write_bytes(b"no parquet") if harm == "broken" else path.unlink()
    if harm == "unwritable":
        place.rmdir()
        asked.folder.rmdir()
        asked.folder.write_text("a file where the folder should be", encoding="utf-8")
    assert_frame_equal(asked(), first)
    assert len(asked.made) == 2
