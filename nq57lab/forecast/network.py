"""Small networks that were learned elsewhere and stand in a readable file: their mean for many rows at once.

A network has two hidden layers of rectified linear units over the features on a logarithmic scale. It answers with seven quantiles that cannot cross: the
median, and what lies between one quantile and the next, each for a horizon of one year and growing with the horizon to the power :data:`GROWTH`.
"""

from dataclasses import dataclass

import numpy as np

GROWTH = 0.75
FARTHEST = 4.0  # features are cut at so many standard deviations: what no series had is no reason to go farther
ROWS = 4096


@dataclass(frozen=True)
class Network:
    """Layers as (weights (inputs, outputs), constants (outputs,)), after which the features' centre and size (features,) are taken off."""

    centre: np.ndarray
    size: np.ndarray
    layers: tuple[tuple[np.ndarray, np.ndarray], ...]

    @classmethod
    def read(cls, found: dict) -> "Network":
        """Return the network of a parsed file: centre, size, and layers as a list of pairs (weights, constants)."""
        layers = tuple((np.array(weights, float), np.array(constants, float)) for weights, constants in found["layers"])
        return cls(np.array(found["centre"], float), np.array(found["size"], float), layers)

    def inputs(self, features: np.ndarray) -> np.ndarray:
        """Return features (rows, features) as the first layer reads them."""
        return np.clip((scaled(features) - self.centre) / self.size, -FARTHEST, FARTHEST)

    def knots(self, features: np.ndarray, horizon: np.ndarray) -> np.ndarray:
        """Return seven quantiles of every row: (rows, knots), rising.

        Parameters
        ----------
        features : ndarray (rows, features)
        horizon : ndarray (rows,)
            Periods ahead.

        Examples
        --------
        >>> flat = Network(np.zeros(1), np.ones(1), ((np.zeros((1, 7)), np.zeros(7)),))
        >>> flat.knots(np.array([[5.0]]), np.array([1.0])).round(2).tolist()
        [[-2.08, -1.39, -0.69, 0.0, 0.69, 1.39, 2.08]]
        """
        found = np.empty((len(features), 7))
        for start in range(0, len(features), ROWS):
            rows = slice(start, start + ROWS)
            x = self.inputs(features[rows])
            for weights, constants in self.layers[:-1]:
                x = np.maximum(x @ weights + constants, 0.0)
            weights, constants = self.layers[-1]
            found[rows] = opened(x @ weights + constants)
        return found * (horizon**GROWTH)[:, None]


def scaled(features: np.ndarray) -> np.ndarray:
    """Return features on a logarithmic scale that keeps their sign."""
    return np.sign(features) * np.log1p(2 * np.abs(features, dtype=float))


def opened(answers: np.ndarray) -> np.ndarray:
    """Return quantiles from a median and six steps away from it (rows, 7), each made positive by the softplus function."""
    steps = np.logaddexp(0.0, answers)
    middle = answers[:, [3]]
    below = np.cumsum(steps[:, 2::-1], axis=1)[:, ::-1]
    return np.concatenate([middle - below, middle, middle + np.cumsum(steps[:, 4:], axis=1)], axis=1)
