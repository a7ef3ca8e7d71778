/** A failure that the page shows; seconds: after which to try again, 0 for never. */
export class Failure extends Error {
  constructor(message, seconds = 0) {
    super(message);
    this.seconds = seconds;
  }
}
