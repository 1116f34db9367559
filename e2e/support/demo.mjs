// Starts `hallpass demo` for one test and ends it again. Nothing is shared between tests.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { movableClock } from './clock.mjs';

const binary =
  process.env.HALLPASS_BIN ?? fileURLToPath(new URL('../../target/debug/hallpass', import.meta.url));

/** A demo that is ready to answer, described by the JSON that it prints first. */
export class Demo {
  #process;
  #ended;
  #folder;
  #complaints;

  /**
   * `apps` is the text of an apps.toml; `clock: true` gives the demo a clock that can be moved (see
   * clock.mjs); `args` are further arguments; `ports` are those of accounts, API, app and
   * the app with PKCE.
   */
  static async start({ apps, clock = false, args = [], ports = [0, 0, 0, 0] } = {}) {
    const demo = new Demo();
    demo.#folder = await mkdtemp(join(tmpdir(), 'hallpass-e2e-'));
    const flags = ['--port', '--api-port', '--app-port', '--pkce-app-port'];
    const listeners = flags.flatMap((flag, at) => [flag, `${ports[at]}`]);
    const given = ['demo', ...listeners, '--json', ...args];
    if (apps !== undefined) {
      await writeFile(join(demo.#folder, 'apps.toml'), apps);
      given.push('--apps', join(demo.#folder, 'apps.toml'));
    }
    const env = withoutSettings(process.env);
    if (clock) {
      demo.clock = await movableClock(demo.#folder);
      Object.assign(env, demo.clock.environment);
    }
    await demo.#spawn(given, env);
    return demo;
  }

  async #spawn(given, env) {
    this.#process = spawn(binary, given, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#complaints = '';
    this.#process.stderr.on('data', (bytes) => (this.#complaints += bytes));
    this.#ended = new Promise((resolve) => {
      this.#process.once('error', (error) => resolve({ error }));
      this.#process.once('exit', (code, signal) => resolve({ code, signal }));
    });
    const firstLine = new Promise((resolve) => {
      const lines = createInterface({ input: this.#process.stdout });
      lines.once('line', resolve);
      lines.on('line', () => {}); // what follows is read and dropped, so that the pipe never fills
    });
    const first = await Promise.race([firstLine, this.#ended]);
    if (typeof first !== 'string') {
      await rm(this.#folder, { recursive: true, force: true });
      throw new Error(`${binary} did not come up: ${JSON.stringify(first)} ${first.error ?? ''}\n${this.#complaints}`);
    }
    Object.assign(this, JSON.parse(first));
  }

  /** The sample app among the registered apps: the one that may return to where it is served. */
  get sampleApp() {
    return this.apps.find((app) => app.redirect_uris.includes(`${this.app}/callback`));
  }

  /** The sample app with PKCE among the registered apps. */
  get pkceApp() {
    return this.apps.find((app) => app.redirect_uris.includes(`${this.pkce_app}/callback`));
  }

  /** Ends the demo as an operator would; it must drain and say that all went well. */
  async stop() {
    this.#process.kill('SIGTERM');
    const end = await this.#ended;
    await rm(this.#folder, { recursive: true, force: true });
    assert.deepEqual(end, { code: 0, signal: null }, `the demo ended badly:\n${this.#complaints}`);
  }

  /** What the demo wrote to standard error so far: its log. */
  get log() {
    return this.#complaints;
  }
}

/** The environment without anybody's settings: a demo here is as on a fresh machine. */
function withoutSettings(environment) {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith('HALLPASS_')));
}
