export type Instruction = { readonly name: string; readonly text: string };
export type Stage = { readonly name: string; readonly instructions: readonly Instruction[] };

/** Stages and their instructions, continued lines joined. Knows no here-documents. */
export function parseDockerfile(text: string): Stage[] {
  const joined = text
    .split("\n")
    .filter((line) => !/^\s*#/.test(line))
    .join("\n")
    .replaceAll(/\\\n\s*/g, "");
  const stages: { name: string; instructions: Instruction[] }[] = [];
  for (const line of joined.split("\n").map((each) => each.trim())) {
    if (line === "") continue;
    const [name = "", ...rest] = line.split(/\s+/);
    if (name === "FROM") stages.push({ name: rest[2] ?? String(stages.length), instructions: [] });
    else stages.at(-1)?.instructions.push({ name, text: line.slice(name.length).trim() });
  }
  return stages;
}

/**
 * Which paths of the build context a `.dockerignore` leaves in it: the last pattern that matches a
 * path, or a folder that it is in, decides.
 *
 * Source: https://docs.docker.com/build/concepts/context/#dockerignore-files
 */
export function parseDockerignore(text: string): (path: string) => boolean {
  const patterns = text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => ({ keeps: line.startsWith("!"), regex: toRegex(line.replace(/^!/, "")) }));
  return (path) => patterns.findLast(({ regex }) => regex.test(path))?.keeps ?? true;
}

function toRegex(pattern: string): RegExp {
  const body = pattern.split("/").map((part) => (part === "**" ? "(?:.*/)?" : `${escapePart(part)}/`));
  return new RegExp(`^${body.join("").replace(/\/$/, "")}(?:/|$)`);
}

function escapePart(part: string): string {
  return part.replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`).replaceAll("*", "[^/]*");
}
