# syntax=docker/dockerfile:1

# Builder and runtime are of one Debian release, so that the binary finds the C library it was linked with.
FROM rust:1.95-slim-trixie AS builder
# librdkafka and the TLS library are C, and are built from the sources in their crates.
RUN apt-get update \
    && apt-get install -y --no-install-recommends build-essential cmake libssl-dev perl pkg-config zlib1g-dev \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
# The caches outlive the image's layers, so a change of one file doesn't build all dependencies again.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --release --locked --package feira --bin feira \
    && .ci/ship target/release/feira /usr/local/bin

# The lines of the source that addresses in a backtrace stand for: docker build --target lines --output . .
FROM scratch AS lines
COPY --from=builder /usr/local/bin/feira.debug /

FROM debian:trixie-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates libssl3t64 zlib1g \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin feira \
    && install -d -o feira -g feira /data
COPY --from=builder /usr/local/bin/feira /usr/local/bin/feira
USER feira
# Embedded log, state and files, and the search shards in any mode.
VOLUME /data
ENV FEIRA_DATA=/data FEIRA_LISTEN=0.0.0.0:8080
# Whatever its roles are, a process answers probes and /metrics there.
EXPOSE 8080
HEALTHCHECK --interval=5s --timeout=3s --start-period=60s --retries=5 \
    CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8080 && printf 'GET /healthz HTTP/1.0\\r\\n\\r\\n' >&3 && head -n 1 <&3 | grep -q ' 200'"]
ENTRYPOINT ["feira"]
CMD ["dev"]
