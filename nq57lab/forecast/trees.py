"""Regression trees that were learned elsewhere and stand in a readable file: their sum for many rows at once.

A tree is a list of questions and a list of values. A question ``[feature, threshold, first, last]`` strikes the values ``first`` … ``last``
(counted from 0) out when the feature is above the threshold; the answer is the first value that is left. So a tree needs no walk: every question is
one comparison of a column, and what is struck out are bits (Lucchese et al. 2015, QuickScorer).
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

LEAVES = 16  # values of a tree: one bit each
ROWS = 16384
FEW = 64  # rows up to which all questions of all trees are asked at once: a step of Python a tree would cost more
WHOLE = (1 << LEAVES) - 1
FIRST = np.array([max((bits & -bits).bit_length() - 1, 0) for bits in range(WHOLE + 1)], np.uint8)


@dataclass(frozen=True)
class Trees:
    """A sum of trees: a start, and for every tree its questions as (feature, threshold, bits that stay) and its values."""

    start: float
    questions: tuple[tuple[tuple[int, np.float32, np.uint16], ...], ...]
    values: np.ndarray

    @classmethod
    def read(cls, found: dict) -> "Trees":
        """Return the trees of a parsed file.

        Parameters
        ----------
        found : dict
            start, and trees: a list of pairs (questions, values).
        """
        questions, values = [], np.zeros((len(found["trees"]), LEAVES), np.float32)
        for row, (asked, given) in enumerate(found["trees"]):
            stays = [WHOLE - sum(1 << place for place in range(first, last + 1)) for _, _, first, last in asked]
            questions.append(
                tuple((q[0], np.float32(q[1]), np.uint16(bits)) for q, bits in zip(asked, stays, strict=True))
            )
            values[row, : len(given)] = given
        return cls(float(found["start"]), tuple(questions), values)

    def total(self, features: np.ndarray) -> np.ndarray:
        """Return the sum over the trees for every row.

        Parameters
        ----------
        features : ndarray (features, rows)
            float32, a row of memory a feature.

        Examples
        --------
        >>> tree = Trees.read({"start": 10, "trees": [[[[0, 1.5, 0, 0]], [1.0, 2.0]]]})
        >>> tree.total(np.array([[1.0, 2.0]], np.float32)).tolist()
        [11.0, 12.0]
        """
        if features.shape[1] <= FEW:
            which, above, kept = self._padded
            struck = np.where(features[which] > above[..., None], kept[..., None], np.uint16(WHOLE))
            first = FIRST[np.bitwise_and.reduce(struck, axis=1)]
            told = np.take_along_axis(self.values, first.astype(np.intp), axis=1)
            return self.start + np.cumsum(told, axis=0)[-1].astype(float)
        result = np.full(features.shape[1], self.start)
        for begin in range(0, features.shape[1], ROWS):
            block = features[:, begin : begin + ROWS]
            sums = np.zeros(block.shape[1], np.float32)
            for asked, value in zip(self.questions, self.values, strict=True):
                left = np.full(block.shape[1], WHOLE, np.uint16)
                for feature, threshold, stays in asked:
                    left &= ((block[feature] > threshold) - np.uint16(1)) | stays
                sums += value.take(FIRST.take(left))
            result[begin : begin + ROWS] += sums
        return result

    @cached_property
    def _padded(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the questions as arrays (trees, questions): feature, threshold, bits that stay; what pads them strikes nothing out."""
        shape = len(self.questions), max(map(len, self.questions))
        asked, above, stays = np.zeros(shape, np.intp), np.zeros(shape, np.float32), np.full(shape, WHOLE, np.uint16)
        for row, own in enumerate(self.questions):
            for place, question in enumerate(own):
                asked[row, place], above[row, place], stays[row, place] = question
        return asked, above, stays
