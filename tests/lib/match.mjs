// Does a value agree with what a case expects? Same keys in the same order, same types, same values. These texts stand for a kind:
const kinds = {
  '<int>': (v) => Number.isInteger(v),
  '<number>': (v) => typeof v === 'number',
  '<text>': (v) => typeof v === 'string',
  '<time>': (v) => typeof v === 'string' && /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(v),
  '<jwt>': (v) => typeof v === 'string' && /^[\w-]+\.[\w-]+\.[\w-]+$/.test(v),
  '<report>': (v) => typeof v === 'string' && /^Internal Error\. Details are available in Magento log file\. Report ID: webapi-[0-9a-f]{13}$/.test(v),
  '<any>': () => true,
};

// Returns null, or the place and the two values.
export const differ = (expected, actual, at = '$') => {
  if (typeof expected === 'string' && kinds[expected]) return kinds[expected](actual) ? null : `${at}: ${JSON.stringify(actual)} is not ${expected}`;
  if (expected === null || typeof expected !== 'object' || actual === null || typeof actual !== 'object')
    return Object.is(expected, actual) ? null : `${at}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(actual)}`;
  if (Array.isArray(expected) !== Array.isArray(actual)) return `${at}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(actual)}`;
  const want = Object.keys(expected), have = Object.keys(actual);
  if (want.join('\n') !== have.join('\n')) return `${at}: expected keys [${want}], got [${have}]`;
  for (const key of want) {
    const why = differ(expected[key], actual[key], `${at}.${key}`);
    if (why) return why;
  }
  return null;
};
