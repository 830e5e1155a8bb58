// The published form of a service token, read from the page that publishes it and checked by zlib.
import { readFileSync } from 'node:fs';
import zlib from 'node:zlib';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const page = readFileSync(join(resolve(dirname(fileURLToPath(import.meta.url)), '../..'), 'doc/service-tokens.md'), 'utf8');
const shown = /## The text, for secret scanners\n\n    (\S+)\n[^]*?\n    (ferp_\S+)\n/.exec(page);
export const pattern = new RegExp(`^${shown[1]}$`);
export const example = shown[2];

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
// Older versions of node have no crc32.
const crc = zlib.crc32 ?? ((text) => {
  let sum = 0xffffffff;
  for (const byte of Buffer.from(text)) {
    sum ^= byte;
    for (let i = 0; i < 8; i++) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return ~sum >>> 0;
});
export const checksum = (text) => {
  let n = crc(text.slice(0, 48)) >>> 0, out = '';
  for (let i = 0; i < 6; i++, n = Math.floor(n / 62)) out = alphabet[n % 62] + out;
  return out;
};
export const isToken = (text) => pattern.test(text) && text.slice(48) === checksum(text);
