// What is said of mail and of addresses for it.

export const mail = {
  'mail.address-shape': 'This is not an e-mail address that a letter can be sent to; write it as name@example.org.',
  'mail.nothing-waits': 'There is no message of this id that waits.',
  'mail.no-answers': 'Requests take no answers here.',
  'mail.as-it-came': 'Send the message as it came, as message/rfc822.',
  'mail.no-letter': 'There is no letter of this id.',
  'mail.no-letter-to-send': 'There is no letter of this id that could be sent again.',
  'mail.no-message': 'There is no message of this id.',
  'mail.no-attachment': 'The message has no attachment of this number.',
  'mail.unknown-address': 'It comes from an address that the request does not know.',
} as const;
