# Closer in a container: built in one stage, run in another that holds Python and one virtual environment, and no secret.
# The base is named by its tag. For builds that can be repeated to the byte, pin it by its digest: python:3.13-slim-bookworm@sha256:...

FROM python:3.13-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /src
COPY . .
RUN python -m venv /opt/tools \
    && /opt/tools/bin/pip install --constraint constraints.txt build hatchling \
    && /opt/tools/bin/python -m build --wheel --no-isolation --outdir /dist .
# Bytecode is written here, as nothing can be written later; pip itself is not needed any more.
RUN python -m venv /opt/closer \
    && /opt/closer/bin/pip install --constraint constraints.txt /dist/*.whl \
    && /opt/closer/bin/pip uninstall --yes pip

FROM python:3.13-slim-bookworm
LABEL org.opencontainers.image.title="Closer" \
      org.opencontainers.image.description="A scripted companion chatbot for Telegram and Discord" \
      org.opencontainers.image.licenses="MIT AND CC-BY-4.0"
# The number of the user is fixed, so that files on the host can be given to it: chown 10001.
RUN groupadd --gid 10001 closer \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin closer \
    && install --directory --owner=closer --group=closer --mode=0700 /data \
    && install --directory --mode=0755 /run/secrets
COPY --from=build /opt/closer /opt/closer
ENV PATH=/opt/closer/bin:$PATH \
    HOME=/data \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    MPLCONFIGDIR=/tmp/matplotlib \
    DATABASE_URL=sqlite:////data/closer.db \
    SECRETS_DIR=/run/secrets \
    CLOSER_KEY_FILE=/run/secrets/key
USER 10001:10001
WORKDIR /data
VOLUME ["/data"]
# The web server listens on this container's own loopback, unless WEB_HOST says otherwise; a proxy is never asked.
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import http.client as h, os; c = h.HTTPConnection('127.0.0.1', int(os.environ.get('WEB_PORT') or 8080), timeout=4); c.request('GET', '/healthz'); raise SystemExit(c.getresponse().status != 200)"]
ENTRYPOINT ["closer"]
CMD ["run"]
