let last = 0;

/** The next moment in this process: what is read at a later one than somebody began at, is no older than they are. */
export const nextMoment = (): number => {
  last += 1;
  return last;
};
