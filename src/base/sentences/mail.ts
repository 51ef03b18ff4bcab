// What is said of mail and of addresses for it.

export const mail = {
  'mail.address-shape': 'This is not an e-mail address that a letter can be sent to; write it as name@example.org.',
  'mail.nothing-waits': 'There is no message of this id that waits.',
  'mail.no-answers': 'Requests take no answers here.',
  'mail.as-it-came': 'Send the message as it came, as message/rfc822.',
} as const;
