# One image for the kernel, the keys and every module: which of them a container is, its command says.
FROM node:24-slim AS build
WORKDIR /app
COPY . .
# npm brings a Node along for machines with an older one; here it is the image's own.
RUN npm ci --omit=dev --ignore-scripts && rm -rf node_modules/node-linux-* node_modules/.bin/node

FROM node:24-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /app /app
# An empty named volume takes over the owner of the folder that it is mounted on: without these it would be root's.
RUN install -d -o node -g node -m 700 /data /keys /nats /nats/config /nats/store /credentials \
  && for manifest in modules/*/manifest.json; do \
       install -d -o node -g node -m 700 "/credentials/$(basename "$(dirname "$manifest")")"; \
     done
USER node
CMD ["node", "--max-semi-space-size=4", "--max-old-space-size=192", "kernel/main.ts"]
