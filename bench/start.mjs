// How long from starting the program to its first answered request, and how much memory it then holds.
//
//   cargo build --release && node bench/start.mjs [path to hallpass]
//
// Prints one line for each case: the median of several starts, with the fastest and the slowest, in
// milliseconds, and the resident memory a second after the first answer, in MiB. Linux only (/proc).

import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';

const program = process.argv[2] ?? 'target/release/hallpass';
const STARTS = 9;
const SETTLED_MS = 1000;

/** Starts the program, waits for its address and its first answer, and stops it again. */
async function start(commandLine, stream, addressIn) {
  const begun = performance.now();
  const child = spawn(program, commandLine, { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  try {
    for await (const line of createInterface({ input: child[stream] })) {
      const address = addressIn(line);
      if (!address) continue;
      const answer = await fetch(`${address}/`);
      await answer.arrayBuffer();
      if (!answer.ok) throw new Error(`${address}/ answered ${answer.status}`);
      break;
    }
    const milliseconds = performance.now() - begun;
    await pause(SETTLED_MS);
    const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
    return { milliseconds, mebibytes: Number(/VmRSS:\s+(\d+)/.exec(status)[1]) / 1024 };
  } finally {
    child.kill('SIGTERM');
    await ended;
  }
}

async function measure(name, run) {
  const runs = [];
  for (let count = 0; count < STARTS; count += 1) runs.push(await run());
  const sorted = (key) => runs.map((one) => one[key]).sort((one, other) => one - other);
  const [times, sizes] = [sorted('milliseconds'), sorted('mebibytes')];
  const middle = Math.floor(STARTS / 2);
  const range = `${times[0].toFixed(0)} to ${times[STARTS - 1].toFixed(0)}`;
  console.log(`${name.padEnd(28)} ${times[middle].toFixed(0).padStart(5)} ms (${range})   ${sizes[middle].toFixed(1)} MiB`);
}

const anyPorts = ['--port', '0', '--api-port', '0', '--app-port', '0'];
const data = mkdtempSync(join(tmpdir(), 'hallpass-bench-'));
const serve = () =>
  start(['serve', '--listen', '127.0.0.1:0', '--data', join(data, 'data')], 'stderr', (line) =>
    /listening on (http:\S+?),/.exec(line.replaceAll(/\u001b\[\d+m/g, ''))?.[1],
  );
try {
  await measure('demo, from nothing', () =>
    start(['demo', '--json', ...anyPorts], 'stdout', (line) => JSON.parse(line).accounts),
  );
  await serve(); // makes the database
  await measure('serve, existing database', serve);
} finally {
  rmSync(data, { recursive: true });
}
