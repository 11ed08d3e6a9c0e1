/** Far more than there are in use. When a sender makes up too many, remembering begins anew. */
const MAX_NAMES = 4_096;

/**
 * What follows from a name alone, such as one of an attribute, worked out once: names are few and come with
 * every span. For functions of a module, which stay, never for those of a request.
 */
export function rememberByName<T>(workOut: (name: string) => T): (name: string) => T {
  const known = new Map<string, T>();
  return (name) => {
    const before = known.get(name);
    if (before !== undefined) return before;
    const value = workOut(name);
    if (known.size >= MAX_NAMES) known.clear();
    if (name.length <= MAX_LENGTH) known.set(name, value);
    return value;
  };
}

/** A longer one is made up for one span, as a rule. */
const MAX_LENGTH = 200;
