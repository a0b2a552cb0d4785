/**
 * Keeps a signal that comes while we start until there is something to stop in order: Ctrl-C during the first start must
 * not leave half a database. A second one ends us at once; PostgreSQL's guard sees that and stops it. Answers what says
 * that we are ready to stop.
 */
export function onSignal(stop: () => void): () => void {
  let told = false;
  let ready = false;
  const hear = () => {
    if (told && !ready) process.exit(130);
    told = true;
    if (ready) stop();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, hear);
  return () => {
    ready = true;
    if (told) stop();
  };
}
