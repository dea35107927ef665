# One image for the kernel, the keys and every module: which of them a container is, its command says.
FROM node:24-slim AS build
WORKDIR /app
COPY . .
# npm brings a Node along for machines with an older one; here it is the image's own.
RUN npm ci --omit=dev --ignore-scripts && rm -rf node_modules/node-linux-* node_modules/.bin/node

FROM node:24-slim
# The image is read-only when it runs: what is found again at the next start goes where anybody may write.
ENV NODE_ENV=production XDG_CACHE_HOME=/tmp
WORKDIR /app
COPY --from=build /app /app
# An empty named volume takes over the owner of the folder that it is mounted on: without these it would be root's.
RUN install -d -o node -g node -m 700 /data /keys /nats /nats/config /nats/store /credentials \
  && for manifest in modules/*/manifest.json; do \
       install -d -o node -g node -m 700 "/credentials/$(basename "$(dirname "$manifest")")"; \
     done
USER node
ENTRYPOINT ["node", "cli/main.ts"]
CMD ["kernel"]
