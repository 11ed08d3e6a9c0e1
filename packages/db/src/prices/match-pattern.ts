/**
 * A match pattern of a model as JavaScript runs it.
 *
 * Patterns are PostgreSQL's regular expressions, as Langfuse stores them: `(?i)` in front ignores case, and a pattern
 * that is not anchored matches anywhere. Throws a `PatternError` for what JavaScript does not have or reads
 * otherwise, and for what may take more time than any text is worth: see `problemOf`.
 *
 * Source: PostgreSQL, "Regular Expression Metasyntax".
 */
export function compilePattern(pattern: string, options: { readonly ignoreCase?: boolean } = {}): RegExp {
  const [, flags = "", source = pattern] = /^\(\?([ci]+)\)(.*)$/s.exec(pattern) ?? [];
  const problem = problemOf(source);
  if (problem) throw new PatternError(problem);
  try {
    return new RegExp(source, options.ignoreCase || flags.endsWith("i") ? "i" : "");
  } catch (cause) {
    throw new PatternError("is not a valid regular expression", { cause });
  }
}

export class PatternError extends Error {
  override readonly name = "PatternError";
}

const UNKNOWN_ESCAPE = /[1-9AaBkMmYyZ]/;
const UNBOUNDED = /^(?:[*+]|\{\d+,\d*\})/;

/**
 * What is repeated inside of something that is repeated takes time that grows with the power of the text's length, so
 * no group that holds a repetition may be repeated. `{2}` and `?` are no repetitions.
 */
function problemOf(source: string): string | undefined {
  /** Of each group that is open: whether something in it is repeated. */
  const open = [false];
  for (let at = 0; at < source.length; at++) {
    const char = source[at];
    let isGroupRepeated = false;
    if (char === "\\") {
      at += 1;
      if (UNKNOWN_ESCAPE.test(source[at] ?? "")) return "uses an escape that is not supported";
    } else if (char === "[") {
      const end = endOfClass(source, at);
      if (end === undefined) return "is not a valid regular expression";
      if (/\[[.:=]/.test(source.slice(at + 1, end))) return "uses a named class of characters, which is not supported";
      at = end;
    } else if (char === "(") {
      open.push(false);
      continue;
    } else if (char === ")") {
      isGroupRepeated = open.pop() ?? false;
      if (open.length === 0) return "is not a valid regular expression";
    } else if ("|?*+{}^$".includes(char ?? "")) {
      continue;
    }
    const isRepeated = UNBOUNDED.test(source.slice(at + 1, at + 16));
    if (isRepeated && isGroupRepeated) return "repeats a group in which something is repeated";
    if (isRepeated || isGroupRepeated) open[open.length - 1] = true;
  }
  return undefined;
}

/** Where the class that begins at `start` ends. A `]` that comes first is no end for PostgreSQL, but is one for JavaScript. */
function endOfClass(source: string, start: number): number | undefined {
  for (let at = start + 1; at < source.length; at++) {
    if (source[at] === "\\") at += 1;
    else if (source[at] === "[" && /[.:=]/.test(source[at + 1] ?? "")) at += 1;
    else if (source[at] === "]") return at;
  }
  return undefined;
}
