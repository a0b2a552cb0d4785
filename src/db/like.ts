/** A text as LIKE must be given it, so that what a caller searches for is no pattern. */
export const escapeLike = (text: string) => text.replace(/[\\%_]/g, '\\$&');
