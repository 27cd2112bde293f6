# syntax=docker/dockerfile:1
# One image for worker, migrations and command line. What is installed is what the locks name.
ARG PYTHON=3.11-slim-bookworm

FROM python:${PYTHON} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_NO_COMPILE=1
WORKDIR /src
COPY requirements.lock requirements-build.lock ./
RUN python -m venv /build \
    && /build/bin/pip install --require-hashes --only-binary :all: -r requirements-build.lock \
    && python -m venv /venv \
    && /venv/bin/pip install --require-hashes --only-binary :all: -r requirements.lock
COPY . .
RUN /build/bin/pip wheel --no-deps --no-build-isolation --wheel-dir /wheels . \
    && /venv/bin/pip install --no-deps --no-index /wheels/*.whl

FROM python:${PYTHON}
RUN groupadd --system --gid 10001 drumbeat \
    && useradd --system --uid 10001 --gid drumbeat --home-dir /var/lib/drumbeat drumbeat \
    && install -d -o drumbeat -g drumbeat -m 700 /var/lib/drumbeat
COPY --from=build /venv /venv
ENV PATH=/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    DRUMBEAT_VAR=/var/lib/drumbeat
USER drumbeat
WORKDIR /var/lib/drumbeat
VOLUME /var/lib/drumbeat
CMD ["python", "-m", "worker"]
