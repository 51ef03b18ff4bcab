// The steps of a publish, in their order: what a client is told of, and where tests kill the process.
// They must not be renamed: clients read them.

export const publishSteps = [
  'received',
  'read',
  'loaded',
  'typed',
  'serving-written',
  'parquet-written',
  'profiled',
  'source-stored',
  'quarantine-stored',
  'serving-stored',
  'parquet-stored',
  'released',
] as const;
export type PublishStep = (typeof publishSteps)[number];

export type OnStep = (name: PublishStep) => Promise<void> | void;
