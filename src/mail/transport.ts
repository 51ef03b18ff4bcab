// One letter over SMTP, by nodemailer.
// It must never send in the clear to another machine, and never say an address in what it reports.

import type { Readable } from 'node:stream';

import { createTransport } from 'nodemailer';

import type { SmtpSettings } from '../base/config.ts';
import { withoutAddresses } from './address.ts';

export type OutgoingLetter = {
  readonly messageId: string;
  readonly from: { readonly name: string; readonly address: string };
  readonly replyTo: string | null;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly inReplyTo: string | null;
  readonly attachments: readonly { readonly name: string; readonly mediaType: string; readonly content: Readable }[];
};

/** `refused`: asking again would be refused again. `failed`: it may go better later. */
export type SendResult =
  | { readonly kind: 'sent' }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'failed'; readonly reason: string };

export type Transport = { send(letter: OutgoingLetter): Promise<SendResult>; close(): void };

const timeouts = { connectionTimeout: 15_000, greetingTimeout: 15_000, socketTimeout: 60_000 } as const;

export function openTransport(settings: SmtpSettings): Transport {
  const { host, port, user, password, security } = settings;
  const mailer = createTransport({
    host,
    port,
    secure: security === 'tls',
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'none',
    tls: { minVersion: 'TLSv1.2' },
    ...(user === null ? {} : { auth: { user, pass: password ?? '' } }),
    ...timeouts,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    async send(letter) {
      try {
        await mailer.sendMail({
          messageId: letter.messageId,
          from: letter.from,
          to: { name: '', address: letter.to },
          // The sender of the envelope is given apart from the header, so nothing in a name can become one.
          envelope: { from: letter.from.address, to: [letter.to] },
          ...(letter.replyTo === null ? {} : { replyTo: letter.replyTo }),
          ...(letter.inReplyTo === null ? {} : { inReplyTo: letter.inReplyTo, references: letter.inReplyTo }),
          subject: letter.subject,
          text: letter.text,
          headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
          attachments: letter.attachments.map(({ name, mediaType, content }) => ({
            filename: name,
            contentType: mediaType,
            content,
          })),
        });
        return { kind: 'sent' };
      } catch (error) {
        return toFailure(error);
      } finally {
        for (const { content } of letter.attachments) content.destroy();
      }
    },
    close: () => mailer.close(),
  };
}

type SmtpError = Error & { readonly code?: string; readonly responseCode?: number; readonly command?: string };

/**
 * A 5xx to the sender, the receiver or the message is final. A 5xx to the password is a setting that somebody will
 * mend.
 */
function toFailure(thrown: unknown): SendResult {
  const error = thrown as SmtpError;
  const reason = withoutAddresses(`${error.message}${error.code === undefined ? '' : ` (${error.code})`}`);
  const isFinal = error.responseCode !== undefined && error.responseCode >= 500 && isAboutLetter(error);
  return { kind: isFinal ? 'refused' : 'failed', reason };
}

function isAboutLetter({ code, command }: SmtpError): boolean {
  return (code === 'EENVELOPE' || code === 'EMESSAGE') && /^(MAIL FROM|RCPT TO|DATA)$/u.test(command ?? '');
}
