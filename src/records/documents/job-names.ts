// The names of the durable jobs of documents. It must hold nothing else: senders and doers agree by it.

export const prepareJob = 'documents.prepare';
export const indexJob = 'documents.index';
export const renditionJob = 'documents.rendition';
