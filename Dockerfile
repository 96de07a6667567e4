# Winsome's image: no root, nothing written outside /data (and /tmp), dependencies locked by hash.
# The base image is named by its tag; whoever deploys may pin it by digest as well.

FROM python:3.11-slim AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/winsome
WORKDIR /src
COPY requirements/run.txt requirements/
RUN /opt/winsome/bin/pip install --require-hashes -r requirements/run.txt
COPY pyproject.toml README.md LICENSE ./
COPY bot bot
COPY migrations migrations
RUN /opt/winsome/bin/pip install --no-build-isolation --no-deps .

FROM python:3.11-slim
ENV PATH=/opt/winsome/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    DATABASE_URL=sqlite:////data/winsome.db \
    HOST=0.0.0.0 \
    PORT=3000 \
    HEALTH_PORT=3001
RUN install -d -m 0700 -o 10001 -g 10001 /data
COPY --from=build /opt/winsome /opt/winsome
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 3000
# No proxy: the health page is on the container's own loopback address. Whatever is not 200 is an error.
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as web; web.build_opener(web.ProxyHandler({})).open('http://127.0.0.1:' + (os.environ.get('HEALTH_PORT') or '3001') + '/healthz', timeout=4)"]
CMD ["winsome", "run"]
