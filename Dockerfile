# One image for every command of modelgate: `docker run IMAGE operator …`, `docker run IMAGE proxy …`, `… serve …`.
# The bundles are the same bytes for the same sources. So that the image is, too, give the builder the time of the
# commit: docker build --build-arg SOURCE_DATE_EPOCH=$(git log -1 --format=%ct) --output type=image,rewrite-timestamp=true .

FROM docker.io/library/node:26.10.0-trixie-slim@sha256:930557a230abacbc3f4fd9b8648abf8f4bee1e17cb72195dcdfb2f709bc85b33 AS build
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
# Install scripts fetch what only a workstation needs.
RUN ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
COPY . .
RUN ["node", "scripts/bundle.ts"]

# Node, its libraries and CA certificates; no shell, no package manager.
FROM gcr.io/distroless/nodejs26-debian13:nonroot@sha256:2ee7b2c54a3e37dfc248af81c9f6bcdcaa50abe4af44aa47a3388431031b9283
ARG VERSION=dev
ARG REVISION=unknown
LABEL org.opencontainers.image.title="modelgate" \
      org.opencontainers.image.description="AI gateway for Kubernetes" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /src/dist/ /app/
USER 65532:65532
# Applications; the proxy's operations; the operator's.
EXPOSE 8080 9090 9091
# The flags are those of cli/bin.js.
ENTRYPOINT ["/nodejs/bin/node", "--max-semi-space-size=32", "/app/modelgate.js"]
CMD ["--help"]
