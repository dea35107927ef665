const all: number[][] = []
for (;;) all.push(new Array(100_000).fill(Math.random()))
