// What is wrong with a file, as a reading process tells it to the portal. It must carry nothing of the file's content.

export class FileError extends Error {
  readonly failure: 'password' | 'corrupt' | 'too-large';
  constructor(failure: FileError['failure'], words: string = failure) {
    super(words);
    this.name = 'FileError';
    this.failure = failure;
  }
}
