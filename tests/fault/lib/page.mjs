// The page of ../shim.c: what fails next in a server started with FERRITE_FAULT=FILE, and how often it did.
import { closeSync, openSync, readSync, writeSync, ftruncateSync } from 'node:fs';

export const kinds = { off: 0, memory: 1, 'disk full': 2, 'disk error': 3, 'query lost': 4, 'answer lost': 5, forbidden: 6 };
const ever = 2n ** 62n;

export const openPage = (path) => {
  const fd = openSync(path, 'w+');
  ftruncateSync(fd, 4096);
  const put = (...numbers) => writeSync(fd, Buffer.from(BigInt64Array.from(numbers.map(BigInt)).buffer), 0, numbers.length * 8, 0);
  return {
    path,
    // The calls of one kind from the first-th on fail, count of them (0: all that follow); what is counted begins anew.
    arm: (kind, first, count) => { put(0); put(0, first, count || ever, 0, 0); put(kinds[kind]); },
    disarm: () => {
      put(0);
      const bytes = Buffer.alloc(72);
      readSync(fd, bytes, 0, 72, 0);
      return { seen: Number(bytes.readBigInt64LE(24)), failed: Number(bytes.readBigInt64LE(32)), said: [40, 48, 56, 64].map((at) => Number(bytes.readBigInt64LE(at))) };
    },
    close: () => closeSync(fd),
  };
};
