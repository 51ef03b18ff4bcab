// Forms as people send them.
// It must know no page and no field by name.

/** A form as it was sent: every value of every name. */
export type FormValues = Readonly<Record<string, readonly string[]>>;
