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


def test_files_are_checked_once_and_again_when_they_change(tmp_path):
    file, folder = tmp_path / "a.csv", tmp_path / "cache"
    file.write_text("code\n1\n", encoding="utf-8")

    def asked() -> bool:
        with kept.checked(folder, "da-kiem", [file]) as new:
            return new

    assert [asked(), asked()] == [True, False]
    file.write_text("code\n2\n", encoding="utf-8")
    assert [asked(), asked()] == [True, False]


def test_files_that_failed_their_check_are_checked_again(tmp_path):
    file = tmp_path / "a.csv"
    file.write_text("code\n1\n", encoding="utf-8")
    asked = []

    def check() -> None:
        with kept.checked(tmp_path / "cache", "da-kiem", [file]) as new:
            asked.append(new)
            raise ValueError("a wrong cell")

    for _ in range(2):
        with pytest.raises(ValueError, match="a wrong cell"):
            check()
    assert asked == [True, True]
