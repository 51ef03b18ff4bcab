// One line of CSV (RFC 4180) for reports. It must let no spreadsheet take a text for a formula.

/** With CRLF. A text that a spreadsheet would compute gets an apostrophe, as OWASP advises. */
export function toCsvLine(values: readonly (string | null)[]): string {
  return `${values.map((value) => toCsvValue(value ?? '')).join(',')}\r\n`;
}

function toCsvValue(value: string): string {
  const isFormula = /^[=+\-@\t\r]/u.test(value) && !/^-?\d+(\.\d+)?$/u.test(value);
  const safe = isFormula ? `'${value}` : value;
  return /[",\r\n]/u.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
