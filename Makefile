# make report: lập báo cáo sơ kết. make test: chạy mọi kiểm tra. Cả hai tự tạo môi trường .venv từ requirements.lock.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: report audit test setup lab quarto lint format lock datapackage architecture clean

report: $(READY)
	$(BIN)/nq57 report params/so-ket-18-thang.yml

audit: $(READY)
	$(BIN)/nq57 report params/doi-chieu.yml
	$(BIN)/nq57 audit --known 2026-06-30 -o reports/doi-chieu/doi-chieu.xlsx

test: $(READY)
	$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder

lab: $(READY)
	$(BIN)/nq57 lab

setup: $(READY)

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] < (3, 11))' || { echo "Cần Python 3.11 trở lên; đặt PYTHON=/đường/dẫn/python3.11"; exit 2; }
	@echo "Lần đầu: tạo môi trường .venv và cài các gói của requirements.lock, mất vài phút…"
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $(READY)

quarto: $(READY)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check "quarto-cli>=1.10" && $(BIN)/quarto --version \
	  || echo "Không tải được Quarto (máy không ra được Internet). Báo cáo vẫn lập được bằng bộ dựng kèm theo: make report."

lint: $(READY)
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy nq57lab && $(BIN)/lint-imports --no-cache
	$(BIN)/python docs/packages.py

architecture: $(READY)
	$(BIN)/python docs/rooms.py
	$(BIN)/python docs/door.py --text

format: $(READY)
	$(BIN)/ruff check --fix . && $(BIN)/ruff format .

lock:
	uv pip compile pyproject.toml --extra dev --python-version 3.11 -o requirements.lock --quiet \
	  --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --no-header

datapackage: $(READY)
	$(BIN)/python -m nq57lab.base.contract

clean:
	rm -rf $(VENV) data/cache .pytest_cache .ruff_cache .mypy_cache nq57lab.egg-info
