// A clock that a test can move, for a server that reads the real one.
//
// The product has no switch for this, and a test must not sleep: libfaketime stands between the
// server and the system's clock and reads its offset from a file. Timers (the monotonic clock) are left
// alone, so nothing that waits is disturbed.

import { existsSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const places = [
  '/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1',
  '/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1',
  '/usr/lib/faketime/libfaketimeMT.so.1',
];

export async function movableClock(folder) {
  const library = process.env.LIBFAKETIME ?? places.find((place) => existsSync(place));
  if (!library) throw new Error('libfaketime is missing: scripts/test installs it');
  const file = join(folder, 'clock');
  const set = async (seconds) => {
    await writeFile(`${file}.new`, `+${seconds}s\n`);
    await rename(`${file}.new`, file); // the server never reads half a line
  };
  await set(0);
  return {
    environment: {
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      FAKETIME_DISABLE_SHM: '1',
    },
    /** The server's clock is so many seconds ahead of ours from now on. */
    advance: set,
  };
}
