# The stand-ins for the providers, for compose.yaml; a development tool, so in one stage.
ARG BASE_IMAGE=docker.io/library/python:3.13-slim-trixie

FROM ${BASE_IMAGE}
ARG PIP_INDEX_URL
WORKDIR /sandbox
COPY pyproject.toml poetry.lock scripts/pip_setting.py ./
RUN --mount=type=secret,id=ca-certificates \
    set -eu; \
    if [ -s /run/secrets/ca-certificates ]; then \
        export PIP_CERT=/run/secrets/ca-certificates REQUESTS_CA_BUNDLE=/run/secrets/ca-certificates; \
    fi; \
    python3 -m venv /tools; \
    python3 -m venv --without-pip /app; \
    /tools/bin/pip install --no-cache-dir --quiet --disable-pip-version-check \
        poetry==2.5.1 poetry-plugin-pypi-mirror==0.6.5; \
    POETRY_PYPI_MIRROR_URL="$(/tools/bin/python pip_setting.py index-url)" VIRTUAL_ENV=/app \
        /tools/bin/poetry install --no-interaction --no-cache --no-directory --only sandbox; \
    rm -r /tools
COPY sandbox sandbox
ENV HOME=/tmp PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
USER 65532:65532
ENTRYPOINT ["/app/bin/python", "-m"]
CMD ["sandbox"]
