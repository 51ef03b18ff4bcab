// What is said of responsive records and their redaction.

export const documents = {
  'documents.place-unread': 'A place to redact could not be read. Choose it again.',
} as const;
