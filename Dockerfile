# syntax=docker/dockerfile:1
#
# One image for Flink's job and task managers, the cameras, and `pycturestream setup`.
#
#   docker build --tag pycturestream .
#   docker build --tag pycturestream:gpu --build-arg REQUIREMENTS=requirements-gpu.txt \
#     --build-arg FLINK_CONFIG="config.yaml config.gpu.yaml" .
#
# The versions here equal those of requirements.txt and pycturestream/localstack/pom.xml; a test
# checks that. Before moving to a new version of Flink, check that its image has this tag, that its
# user is still called flink, and that the connector in pycturestream/localstack/pom.xml fits.
ARG FLINK=2.3.0-scala_2.12-java17

# --- the connector to Kafka, in the version that pycturestream/localstack/pom.xml pins; and what
# keeps pages of other sites out of the REST interface -----------------------------------------
FROM flink:${FLINK} AS flink
FROM maven:3.9-eclipse-temurin-17 AS jars
COPY pycturestream/localstack/pom.xml /build/pom.xml
RUN mvn --batch-mode --quiet --file /build/pom.xml dependency:copy@flink -Ddownloads=/jars
COPY --from=flink /opt/flink/lib/flink-dist-*.jar /build/flink/
COPY flink-conf/rest-door /build/rest-door
RUN cd /build/rest-door && javac -d . -classpath '/build/flink/*' RestDoor.java \
    && jar --create --file /jars/flink/rest-door.jar pycturestream META-INF

# --- Python with everything that is pinned, each file checked against its hash ----------------
FROM ghcr.io/astral-sh/uv:0.13.9 AS uv
FROM flink:${FLINK} AS python
USER root
# A few small packages are source only and compile a faster part of themselves.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends gcc libc6-dev \
    && rm -rf /var/lib/apt/lists/*
COPY --from=uv /uv /usr/local/bin/uv
# The image's own Python is newer than the version that apache-flink and tensorflow share.
ENV UV_PYTHON_INSTALL_DIR=/opt/python UV_LINK_MODE=copy VIRTUAL_ENV=/opt/venv
RUN uv python install 3.11 && uv venv --python 3.11 /opt/venv
ARG REQUIREMENTS=requirements.txt
COPY ${REQUIREMENTS} /build/requirements.txt
RUN --mount=type=cache,target=/root/.cache/uv \
    uv pip sync --require-hashes --compile-bytecode /build/requirements.txt
COPY . /opt/pycturestream
RUN --mount=type=cache,target=/root/.cache/uv \
    uv pip install --no-deps --no-build-isolation --editable /opt/pycturestream
# By contents, not by times, which copying may change: Flink's user can't write beside the program.
RUN cd /opt/pycturestream && /opt/venv/bin/python -m compileall -q \
    --invalidation-mode checked-hash jobs producers pycturestream udfs
# Flink reads one file, and rejects a key that occurs in it twice.
ARG FLINK_CONFIG="config.yaml"
RUN cd /opt/pycturestream/flink-conf \
    && /opt/venv/bin/python - ${FLINK_CONFIG} > /build/config.yaml <<'MERGE'
import sys
from ruamel.yaml import YAML

yaml, merged = YAML(typ="safe"), {}
for name in sys.argv[1:]:
    with open(name) as part:
        merged |= yaml.load(part)
yaml.dump(merged, sys.stdout)
MERGE

# --- what runs ---------------------------------------------------------------------------------
FROM flink:${FLINK}
# Flink's user writes its configuration at the start, and its state into the volume; it can only
# read the program.
COPY --from=python /opt/python /opt/python
COPY --from=python /opt/venv /opt/venv
COPY --from=python /opt/pycturestream /opt/pycturestream
COPY --from=jars /jars/flink/*.jar /opt/flink/lib/
COPY --from=python --chown=flink:flink /build/config.yaml /opt/flink/conf/config.yaml
COPY --chown=flink:flink flink-conf/log4j-console.properties /opt/flink/conf/
# Python operators need Flink's Python runtime on the cluster's own class path.
RUN cp /opt/flink/opt/flink-python-*.jar /opt/flink/lib/ && mkdir -p /opt/flink/state \
    && install --directory --owner=flink --group=flink --mode=700 /opt/flink/web
# Python inside a task manager has no virtual environment: it finds packages and program by this.
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 \
    PYTHONPATH=/opt/pycturestream:/opt/venv/lib/python3.11/site-packages
WORKDIR /opt/pycturestream
USER flink
