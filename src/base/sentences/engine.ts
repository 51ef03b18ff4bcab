// What is said when the engine could not run a query or read a file.

export const engine = {
  'engine.not-read': 'The answer was not read for so long that it was given up; ask again, or download the dataset.',
  'engine.query-memory': 'The query needed more memory than a query may have; narrow it, or download the dataset.',
  'engine.row-too-large':
    'One row alone is larger than one answer may be; select fewer columns, or download the dataset.',
  'engine.not-converted': 'A value could not be converted to the type that the query asks for.',
  'engine.value-not-converted': 'The value “{value}” could not be converted to the type that the query asks for.',
  'engine.number-too-large': 'A number became larger than its type can hold while the query was computed.',
  'engine.value-too-large': 'A value became larger than the portal can hold while the query was computed.',
  'engine.not-computed': 'A value in the data could not be computed as the query asks.',
  'engine.pattern-escape':
    'A pattern of LIKE ends with a backslash, which has to have a character after it; for a backslash itself write two.',
  'engine.file-memory': 'The file needed more memory than the portal may use for one file.',
  'engine.bytes-changed': 'its bytes are not those that were published',
  'engine.not-there': 'it is not there',
  'engine.file-damaged': 'A stored file is damaged ({why}) and is not being served; it has been recorded.',
  'engine.process-ended': 'The process that ran this query ended unexpectedly; ask again.',
  'engine.as-told': '{told}',
} as const;
