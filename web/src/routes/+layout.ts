// Pages are made on the server and need no script. It must stay false here; a page that needs script says so itself.

export const csr = false;
export const ssr = true;
export const trailingSlash = 'ignore';
