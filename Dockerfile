# One image for every tier: the command picks which. Both stages are Debian 12, for one glibc.

FROM swift:6.3-bookworm AS build
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libargon2-dev libpq-dev pkg-config \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY Package.swift ./
COPY Sources ./Sources
COPY sql ./sql
# Not built, but the package names them.
COPY Tests ./Tests
# The build folder outlives the layer, so that a change in the sources compiles only what it must.
RUN --mount=type=cache,target=/source/.build,sharing=locked \
    swift build --configuration release --static-swift-stdlib \
    && bin="$(swift build --configuration release --static-swift-stdlib --show-bin-path)" \
    && install --strip -D --target-directory=/install/bin \
        "$bin/teller" "$bin/bank-server" "$bin/balance-service"

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libargon2-1 libpq5 libstdc++6 \
    && rm -rf /var/lib/apt/lists/* \
    # The number of PostgreSQL's user in its image, who has to own its key.
    && useradd --system --uid 999 --no-create-home --shell /usr/sbin/nologin teller \
    # Volumes take on their owner.
    && install --directory --owner=teller --mode=0700 /certificates /certificates/balance-service \
        /certificates/bank-server /certificates/hop-1 /certificates/postgres /certificates/migrate
COPY --from=build /install/bin/ /usr/local/bin/
USER teller
EXPOSE 8080 50051
CMD ["bank-server"]
