// A mail server for tests: it takes what comes and keeps it, or refuses as it is told. With TLS it speaks STARTTLS.
import net from 'node:net';
import tls from 'node:tls';

// options: { port, refuse: (verb, line) => '550 no' | undefined, key, cert, login: [user, password] }
export const smtpServer = ({ port = 0, refuse = () => undefined, key, cert, login } = {}) => new Promise((resolve, reject) => {
  const mails = [], sockets = new Set(), talk = { lines: [] };
  const serve = (socket, secure) => {
    let rest = '', mail = { to: [] }, data = false, signedIn = !login, verb = '';
    sockets.add(socket);
    const say = (text) => socket.write(`${text}\r\n`);
    const verbs = {
      EHLO: () => say(['250-test', ...(!secure && cert ? ['250-STARTTLS'] : []), ...(login && (secure || !cert) ? ['250-AUTH PLAIN'] : []), '250 SMTPUTF8'].join('\r\n')),
      AUTH: (line) => {
        const said = line.split(' ')[2];
        if (!said) { verb = 'AUTH'; say('334 '); return; }
        const [, user, password] = Buffer.from(said, 'base64').toString().split('\0');
        signedIn = user === login?.[0] && password === login?.[1];
        say(signedIn ? '235 ok' : '535 no');
      },
      STARTTLS: () => {
        say('220 go on');
        socket.removeAllListeners('data');
        sockets.delete(socket);
        serve(new tls.TLSSocket(socket, { isServer: true, key, cert }), true);
      },
      MAIL: (line) => { mail = { from: /<(.*?)>/.exec(line)[1], to: [], secure }; say(signedIn ? '250 ok' : '530 sign in'); },
      RCPT: (line) => { mail.to.push(/<(.*?)>/.exec(line)[1]); say('250 ok'); },
      DATA: () => { data = true; say('354 go on'); },
      RSET: () => say('250 ok'), NOOP: () => say('250 ok'), QUIT: () => { say('221 bye'); socket.end(); },
    };
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', (bytes) => {
      rest += bytes.toString('latin1');
      for (let end; (end = rest.indexOf(data ? '\r\n.\r\n' : '\r\n')) >= 0;) {
        const line = rest.slice(0, end);
        rest = rest.slice(end + (data ? 5 : 2));
        if (data) {
          data = false;
          const no = refuse('END', line);
          if (no === '') return;                                   // nothing is said at all
          if (!no) mails.push({ ...mail, text: Buffer.from(`${line}\r\n`.replace(/(^|\r\n)\.\./g, '$1.'), 'latin1').toString('utf8') });
          say(no ?? '250 taken');
          continue;
        }
        const asked = verb;
        verb = '';
        if (asked) { verbs[asked](`AUTH PLAIN ${line}`); continue; }
        const now = line.slice(0, 8).split(' ')[0].toUpperCase();
        talk.lines.push(line);
        const no = refuse(now, line);
        if (no) say(no); else (verbs[now] ?? (() => say('500 what?')))(line);
        if (now === 'STARTTLS') return;
      }
    });
    if (!secure) say('220 test');
  };
  const server = net.createServer((socket) => serve(socket, false));
  server.on('error', reject);
  server.listen(port, '127.0.0.1', () => resolve({ mails, talk, port: server.address().port,
    stop: () => new Promise((done) => { for (const s of sockets) s.destroy(); server.close(done); }) }));
});

// Header fields (unfolded, encoded words read) and the body of a message.
export const parseMail = (text) => {
  const end = text.indexOf('\r\n\r\n'), fields = {};
  const word = (all, b64) => Buffer.from(b64, 'base64').toString('utf8');
  for (const line of text.slice(0, end).replace(/\r\n[ \t]/g, ' ').split('\r\n')) {
    const colon = line.indexOf(':');
    (fields[line.slice(0, colon).toLowerCase()] ??= []).push(line.slice(colon + 2).replace(/\?= +=\?/g, '?==?').replace(/=\?UTF-8\?B\?([^?]*)\?=/g, word));
  }
  const raw = text.slice(end + 4).replace(/=\r\n/g, '').replace(/=([0-9A-F]{2})/g, (all, hex) => String.fromCharCode(parseInt(hex, 16)));
  return { fields, body: Buffer.from(raw, 'latin1').toString('utf8').replace(/\r\n/g, '\n') };
};

// Waits until `what` gives something, 20 s at most.
export const until = async (what, text = 'nothing came') => {
  for (const end = Date.now() + 20000; Date.now() < end;) {
    const got = await what();
    if (got) return got;
    await new Promise((r) => setTimeout(r, 100));
  }
  throw new Error(text);
};
