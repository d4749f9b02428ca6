# One service as an image, with nothing in it of the others:
#
#     docker build --build-arg CONNECTOR=gdrive -t gdrive-connector .
#
# CONNECTOR is the service's group in pyproject.toml; SERVICE is its folder. deploy/README.md has
# the other build arguments.

# Debian with Python 3.11 or newer and its venv module.
ARG BASE_IMAGE=docker.io/library/python:3.13-slim-trixie

FROM ${BASE_IMAGE} AS build
ARG CONNECTOR
ARG SERVICE=connectors/${CONNECTOR}
ARG PIP_INDEX_URL
WORKDIR /build

# The third-party packages first, as the lock has them: they change less often than the code.
# The secret is for networks whose proxy has a certificate of its own; it does not stay.
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
        /tools/bin/poetry install --no-interaction --no-cache --no-directory --only "${CONNECTOR}"; \
    # 110 MB of descriptions of Google's other APIs.
    find /app -path '*/discovery_cache/documents/*' ! -name drive.v3.json -delete

COPY shared shared
COPY ${SERVICE} ${SERVICE}
# As wheels, so that the code is copied; unchecked, as nothing in an image is edited and a build
# may change the times of files.
RUN set -eu; \
    /tools/bin/pip wheel --quiet --no-index --no-deps --no-build-isolation --wheel-dir /wheels \
        ./shared "./${SERVICE}"; \
    /tools/bin/pip --python /app/bin/python install --quiet --no-index --no-deps --no-compile \
        /wheels/*.whl; \
    package="$(basename "$(dirname "${SERVICE}"/*/app.py)")"; \
    echo "from ${package}.app import app as app" > /app/app.py; \
    /app/bin/python -m compileall -q -f --invalidation-mode unchecked-hash /app/lib /app/app.py

FROM ${BASE_IMAGE}
ARG CONNECTOR
ARG VERSION
ARG REVISION
ARG SOURCE
LABEL org.opencontainers.image.title="${CONNECTOR}" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.source="${SOURCE}"
COPY --from=build /app /app
ENV WSGI_APP=app:app \
    HOME=/tmp \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
WORKDIR /app
USER 65532:65532
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=15s CMD ["/app/bin/python", "-c", \
    "import http.client, os, sys; c = http.client.HTTPConnection('127.0.0.1', int(os.environ.get('PORT', 8080)), timeout=4); c.request('GET', '/health'); sys.exit(c.getresponse().status != 200)"]
ENTRYPOINT ["/app/bin/gunicorn", "-c", "python:connector_sdk.gunicorn_conf"]
