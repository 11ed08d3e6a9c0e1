# One image for every process of xtrace; the command says which:
#
#   docker build --tag xtrace .
#   docker run … xtrace apps/gateway/dist/main.js
#   docker run … xtrace apps/worker/dist/main.js
#   docker run … xtrace apps/query/dist/main.js
#   docker run … xtrace apps/worker/dist/ctl-main.js migrate

FROM node:24-bookworm-slim AS build
# The apps and the packages that they need in production, which is what the dots say.
ARG APPS="--filter-prod=@xtrace/gateway... --filter-prod=@xtrace/worker... --filter-prod=@xtrace/query..."
ENV CI=true
RUN npm install --global pnpm@10.34.8
WORKDIR /app
COPY . .
# With the root, which has the compiler.
RUN --mount=type=cache,target=/root/.local/share/pnpm/store \
    pnpm install --frozen-lockfile --ignore-scripts --filter=xtrace $APPS
RUN pnpm $APPS run build
# Once more, for production.
RUN --mount=type=cache,target=/root/.local/share/pnpm/store \
    rm -rf node_modules apps/*/node_modules packages/*/node_modules \
 && pnpm install --offline --frozen-lockfile --ignore-scripts --prod $APPS
# What has been installed by now is what runs. Migrations are looked for at the root, beside packages.
RUN mkdir /out \
 && for dir in apps/* packages/*; do \
      [ ! -d "$dir/node_modules" ] || cp -a --parents "$dir/package.json" "$dir/dist" "$dir/node_modules" /out || exit 1; \
    done \
 && cp -a package.json node_modules drizzle /out

FROM node:24-bookworm-slim AS runtime
ARG VERSION=dev
LABEL org.opencontainers.image.title="xtrace" \
      org.opencontainers.image.description="A self-hosted store for LLM and agent traces" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="$VERSION"
ENV NODE_ENV=production
WORKDIR /app
# Owned by root: the process can read its code and not change it.
COPY --from=build /out ./
USER node
# Each app listens where one of these variables says.
HEALTHCHECK --interval=5s --timeout=3s --start-period=30s --retries=3 \
  CMD ["node", "-e", "const port = (process.env.BIND_ADDR || process.env.WORKER_HEALTH_ADDR || '').split(':').at(-1); fetch(`http://127.0.0.1:${port}/healthz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "--enable-source-maps"]
CMD ["apps/gateway/dist/main.js"]
