# Winsome's image: no root, nothing written outside /data (and /tmp), dependencies locked by hash.
# The base image is named by its tag. Pin it by digest as well if your deployments must be repeatable.

FROM python:3.11-slim AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /src
# Two environments: /opt/build has pip and the build backend and stays in this stage; /opt/winsome is what the image gets.
RUN python -m venv /opt/build && python -m venv --without-pip /opt/winsome
COPY requirements/build.txt requirements/run.txt requirements/
RUN /opt/build/bin/pip install --require-hashes -r requirements/build.txt
RUN /opt/build/bin/pip --python /opt/winsome install --require-hashes -r requirements/run.txt
COPY pyproject.toml README.md LICENSE ./
# pyproject.toml lists four packages. hatchling packs those that it finds: without slack_standin and playground, these two.
COPY bot bot
COPY migrations migrations
RUN /opt/build/bin/pip wheel --no-build-isolation --no-deps --wheel-dir dist .
RUN /opt/build/bin/pip --python /opt/winsome install --no-index --no-deps dist/*.whl

FROM python:3.11-slim
ENV PATH=/opt/winsome/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    DATABASE_URL=sqlite:////data/winsome.db \
    HOST=0.0.0.0 \
    PORT=3000 \
    HEALTH_PORT=3001
# The base image brings pip and setuptools, which nothing in here uses.
RUN rm -rf /usr/local/lib/python3.*/site-packages/* /usr/local/lib/python3.*/ensurepip /usr/local/bin/pip*
RUN install -d -m 0700 -o 10001 -g 10001 /data
COPY --from=build /opt/winsome /opt/winsome
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 3000
# No proxy: the health page is on the container's own loopback address. Any status except 200 is an error.
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as web; web.build_opener(web.ProxyHandler({})).open('http://127.0.0.1:' + (os.environ.get('HEALTH_PORT') or '3001') + '/livez', timeout=4)"]
CMD ["winsome", "run"]
