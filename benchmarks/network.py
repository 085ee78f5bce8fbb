"""Train the small networks of the default forecast; needs jax and optax (``pip install jax optax``).

Adam with decoupled weight decay, the learning rate falling along a cosine to 0, the quantile loss of the seven knots, the median's as heavy as all others'
together (it is the point, read more than any of them), and a fifth of the hidden units left out of each step (dropout). The mean of several networks with other starts is what is used.
"""

import numpy as np

from nq57lab.forecast import learned
from nq57lab.forecast.network import Networks, scaled, unit

NETWORKS, WIDTH, EPOCHS, BATCH = 3, 64, 24, 1024
RATE, DECAY, LEFT_OUT = 2e-3, 0.1, 0.2


def train(features: np.ndarray, target: np.ndarray) -> dict:
    """Return networks as they are written.

    Parameters
    ----------
    features : ndarray (rows, features)
    target : ndarray (rows,)
        Scaled signed distance from the members' median.
    """
    inputs = scaled(features)
    found = {"centre": _short(inputs.mean(axis=0)), "size": _short(inputs.std(axis=0) + 1e-6), "networks": []}
    x = Networks.read(found).inputs(features).astype(np.float32)
    horizon = unit(features).astype(np.float32)
    trained = (_trained(x, target.astype(np.float32), horizon, seed) for seed in range(NETWORKS))
    return found | {"networks": [[[_short(w), _short(c)] for w, c in layers] for layers in trained]}


def _short(values: np.ndarray) -> list:
    """Return five significant digits: what is shipped, and what corrections are measured on."""
    rounded = [float(f"{value:.5g}") for value in np.ravel(values).tolist()]
    return np.reshape(rounded, np.shape(values)).tolist()


def _trained(x: np.ndarray, target: np.ndarray, unit: np.ndarray, seed: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return the layers of one network."""
    import jax
    import jax.numpy as jnp
    import optax

    knots = jnp.asarray(learned.KNOTS, jnp.float32)
    middle = learned.MIDDLE
    weight = jnp.ones(len(learned.KNOTS)).at[middle].set(len(learned.KNOTS) - 1)
    key, first = jax.random.split(jax.random.PRNGKey(seed))
    shape = [x.shape[1], WIDTH, WIDTH, len(learned.KNOTS)]
    layers = [
        (jax.random.normal(k, (a, b)) * np.sqrt(2 / a), jnp.zeros(b))
        for k, a, b in zip(jax.random.split(first, 3), shape[:-1], shape[1:], strict=True)
    ]
    layers[-1] = (layers[-1][0] * 0.1, layers[-1][1])

    def answers(layers, rows, unit, key):
        for weights, constants in layers[:-1]:
            key, own = jax.random.split(key)
            rows = jax.nn.relu(rows @ weights + constants)
            rows = rows * jax.random.bernoulli(own, 1 - LEFT_OUT, rows.shape) / (1 - LEFT_OUT)
        found = rows @ layers[-1][0] + layers[-1][1]
        steps = jax.nn.softplus(found)
        below = jnp.cumsum(steps[:, :middle][:, ::-1], axis=1)[:, ::-1]
        centre = found[:, [middle]]
        above = jnp.cumsum(steps[:, middle + 1 :], axis=1)
        return jnp.concatenate([centre - below, centre, centre + above], axis=1) * unit[:, None]

    def loss(layers, rows, seen, unit, key):
        gap = seen[:, None] - answers(layers, rows, unit, key)
        return (weight * jnp.maximum(knots * gap, (knots - 1) * gap)).mean()

    size = min(BATCH, len(x))
    batches = len(x) // size
    engine = optax.adamw(optax.cosine_decay_schedule(RATE, EPOCHS * batches), weight_decay=DECAY)
    every = [jnp.asarray(values) for values in (x, target, unit)]

    @jax.jit
    def epoch(layers, state, order, key):
        def step(carried, rows):
            layers, state, key = carried
            key, own = jax.random.split(key)
            slope = jax.grad(loss)(layers, *(values[rows] for values in every), own)
            change, state = engine.update(slope, state, layers)
            return (optax.apply_updates(layers, change), state, key), None

        return jax.lax.scan(step, (layers, state, key), order)[0]

    state, rng = engine.init(layers), np.random.default_rng(seed)
    for _ in range(EPOCHS):
        order = rng.permutation(len(x))[: batches * size].reshape(batches, size)
        key, own = jax.random.split(key)
        layers, state, _ = epoch(layers, state, jnp.asarray(order), own)
    return [(np.asarray(weights), np.asarray(constants)) for weights, constants in layers]
