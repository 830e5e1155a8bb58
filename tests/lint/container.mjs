// The image of a container holds every library that the program is linked with, by the packages it has here.
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../lib/server.mjs';

const OWN = /^(lib(c|m|gcc_s|asan|ubsan|tsan)|ld-linux.*)\.so/; // of every Debian image, and those of sanitized builds

export default async ({ root, ferrite, check, ok }) => {
  await check('the image installs what the program is linked with', () => {
    const image = readFileSync(join(root, 'deploy/Containerfile'), 'utf8').split('FROM').at(-1);
    const linked = [...run('readelf', ['-d', ferrite]).out.matchAll(/NEEDED.*\[(.*)\]/g)].map((m) => m[1]);
    const paths = new Map([...run('ldd', [ferrite]).out.matchAll(/(\S+) => (\S+)/g)].map((m) => [m[1], m[2]]));
    const owner = (file) => /^([^:,]+)/.exec(run('dpkg', ['-S', file]).out)?.[1];
    const packages = linked.filter((name) => !OWN.test(name) && existsSync(paths.get(name) ?? '')).map((name) => owner(realpathSync(paths.get(name))) ?? `the package of ${name}`);
    const missing = packages.filter((p) => !new RegExp(`(^|\\s)${p.replace(/[.+]/g, '\\$&')}(\\s|$)`).test(image));
    ok(packages.length > 8 && !missing.length, `${packages.length} packages, missing: ${missing.join(', ')}`);
  });
};
