# The environment of `make report`: docker build -t nq57lab . && docker run --rm -v "$PWD/reports:/du-an/reports" nq57lab
FROM python:3.11-slim
ENV LANG=C.UTF-8 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN apt-get update && apt-get install -y --no-install-recommends make git && rm -rf /var/lib/apt/lists/*
WORKDIR /du-an
COPY requirements.lock pyproject.toml setup.py README.md LICENSE Makefile ./
RUN python -m venv .venv && .venv/bin/python -m pip install --quiet --require-hashes -r requirements.lock
COPY . .
RUN .venv/bin/python -m pip install --quiet --no-deps --no-build-isolation -e . && touch .venv/.ready
CMD ["make", "report"]
