"""Small networks that were learned elsewhere and stand in a readable file: their mean for many rows at once.

A network has two hidden layers of rectified linear units over the features on a logarithmic scale. It answers with quantiles that cannot cross: the median,
and what lies between one quantile and the next, each for a horizon of one period and growing with the horizon to the power :data:`GROWTH`.
"""

from dataclasses import dataclass

import numpy as np

from nq57lab.forecast.features import NAMES

GROWTH = 0.75
FARTHEST = 4.0  # features are cut at so many standard deviations: what few series have is no reason to go farther
ROWS = 4096


@dataclass(frozen=True)
class Networks:
    """The centre and size (features,) that features are freed of first, and of every network its layers: (weights (inputs, outputs), constants (outputs,))."""

    centre: np.ndarray
    size: np.ndarray
    layers: tuple[tuple[tuple[np.ndarray, np.ndarray], ...], ...]

    @classmethod
    def read(cls, found: dict) -> "Networks":
        """Return the networks of a parsed file: centre, size, and networks as lists of layers, pairs (weights, constants)."""
        layers = tuple(
            tuple((np.array(weights, float), np.array(constants, float)) for weights, constants in one)
            for one in found["networks"]
        )
        return cls(np.array(found["centre"], float), np.array(found["size"], float), layers)

    def inputs(self, features: np.ndarray) -> np.ndarray:
        """Return features (rows, features) as the first layers read them."""
        return np.clip((scaled(features) - self.centre) / self.size, -FARTHEST, FARTHEST)

    def knots(self, features: np.ndarray) -> np.ndarray:
        """Return the mean of the networks' quantiles for every row of features: (rows, quantiles), rising.

        Examples
        --------
        >>> none = np.zeros(len(NAMES))
        >>> flat = Networks(none, none + 1, (((np.zeros((len(NAMES), 3)), np.zeros(3)),),))
        >>> flat.knots(np.ones((1, len(NAMES)))).round(2).tolist()
        [[-0.69, 0.0, 0.69]]
        """
        answers = self.layers[0][-1][1].shape[0]
        found = np.zeros((len(features), answers))
        for start in range(0, len(features), ROWS):
            rows = slice(start, start + ROWS)
            shared = self.inputs(features[rows])
            for layers in self.layers:
                x = shared
                for weights, constants in layers[:-1]:
                    x = np.maximum(x @ weights + constants, 0.0)
                weights, constants = layers[-1]
                found[rows] += opened(x @ weights + constants)
        return found * unit(features)[:, None] / len(self.layers)


def unit(features: np.ndarray) -> np.ndarray:
    """Return what answers are counted in, by the horizon of every row."""
    return features[:, NAMES.index("horizon")].astype(float) ** GROWTH


def scaled(features: np.ndarray) -> np.ndarray:
    """Return features on a logarithmic scale that keeps their sign."""
    return np.sign(features) * np.log1p(2 * np.abs(features, dtype=float))


def opened(answers: np.ndarray) -> np.ndarray:
    """Return quantiles (rows, quantiles) from a median in the middle and the steps away from it, each made positive by the softplus function."""
    centre = answers.shape[1] // 2
    steps, middle = np.logaddexp(0.0, answers), answers[:, [centre]]
    below = np.cumsum(steps[:, :centre][:, ::-1], axis=1)[:, ::-1]
    return np.concatenate([middle - below, middle, middle + np.cumsum(steps[:, centre + 1 :], axis=1)], axis=1)
