// What is said of stored and of sealed files.

export const store = {
  'store.sealed.no-value': 'is not a sealed value',
  'store.sealed.no-key': 'was sealed with key {key}, which the key file does not have',
  'store.sealed.changed': 'is not as it was sealed, or was sealed for something else',
  'store.sealed-damaged': 'What should be opened {what}.',
  'store.sealed.no-file': 'is not a sealed file',
  'store.sealed.cut-short': 'was cut short',
  'store.no-file': 'There is no stored file {name}.',
  'store.no-name': '“{name}” is not the name of a stored file.',
} as const;
