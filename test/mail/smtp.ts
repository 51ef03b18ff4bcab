// A real SMTP server for tests, on a free port of this machine, that does to letters what a test asks of it.
// It must keep every message as it came, byte for byte.

import { SMTPServer } from 'smtp-server';
import type { SMTPServerOptions } from 'smtp-server';

import type { Cleaner } from '../database.ts';

export type Caught = { readonly from: string; readonly to: readonly string[]; readonly text: string };

export type Reply = { readonly code: number; readonly say: string } | 'die' | null;

export type TestSmtp = {
  readonly url: string;
  readonly caught: Caught[];
  /** What is answered to RCPT TO and to the end of DATA; null: yes. 'die' ends the connection without a word. */
  answers: { rcpt: Reply; data: Reply };
  /** Done once before the next message is taken. */
  meanwhile: (() => Promise<void>) | null;
};

export async function openSmtp(cleaner: Cleaner, options: SMTPServerOptions = {}): Promise<TestSmtp> {
  const caught: Caught[] = [];
  const smtp: TestSmtp = { url: '', caught, answers: { rcpt: null, data: null }, meanwhile: null };
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS', 'AUTH'],
    authOptional: true,
    ...options,
    onRcptTo: (_address, session, done) => answer(server, smtp.answers.rcpt, session.id, done),
    onData(stream, session, done) {
      const pieces: Buffer[] = [];
      stream.on('data', (piece: Buffer) => pieces.push(piece));
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope;
        const from = mailFrom === false ? '' : mailFrom.address;
        caught.push({ from, to: rcptTo.map(({ address }) => address), text: Buffer.concat(pieces).toString('utf8') });
        const { meanwhile } = smtp;
        smtp.meanwhile = null;
        (meanwhile?.() ?? Promise.resolve()).then(() => answer(server, smtp.answers.data, session.id, done), done);
      });
    },
  });
  server.on('error', () => undefined); // a client that refuses our certificate is what some tests are about
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.server.address();
  if (address === null || typeof address === 'string') throw new Error('the SMTP server has no port');
  cleaner.after(() => new Promise<void>((done) => server.close(() => done())));
  return Object.assign(smtp, { url: `smtp://127.0.0.1:${address.port}` });
}

type Done = (error?: Error | null) => void;

function answer(server: SMTPServer, reply: Reply, sessionId: string, done: Done): void {
  if (reply === null) return done();
  if (reply !== 'die') return done(Object.assign(new Error(reply.say), { responseCode: reply.code }));
  for (const connection of server.connections as Set<{ id: string; _socket: { destroy(): void } }>)
    if (connection.id === sessionId) connection._socket.destroy();
}
