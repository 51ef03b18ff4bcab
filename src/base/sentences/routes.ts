// What a route says of what it was sent.

export const routes = {
  'routes.folder-absolute': 'The folder must be an absolute path on the portal’s machine.',
  'routes.no-passkey-answer': 'This is no answer of a passkey.',
  'routes.expect-revision': 'The field “expectRevision” must be the number of a revision, or 0 for a new dataset.',
  'routes.dataset-new': 'The dataset is new: send “metadata” with its title and department.',
  'routes.department-needed': 'A new dataset needs a department.',
  'routes.metadata-not-json': 'The metadata is not JSON: {reason}.',
  'routes.metadata-no-object': 'The metadata must be a JSON object.',
  'routes.department-id': 'The department must be its id or its name.',
} as const;
