import type { MatchLogic } from "@pydantic/genai-prices";
import type { ProviderNames } from "./providers.ts";

/** A day that a name ends with, in the spellings that occur. */
const DAY = String.raw`(?:[-@]20\d{2}-?[01]\d-?[0-3]\d)?`;
const ENDS_WITH_DAY = /[-@]20\d{2}-?[01]\d-?[0-3]\d$/;

/**
 * The package's rules for a model's name as one regular expression: with any of the provider's prefixes, and, where a name
 * is told in full, with a day behind it, as snapshots have that are newer than the package.
 */
export function namePattern(match: MatchLogic, provider: ProviderNames): string {
  const prefixes = provider.prefixes.map(escaped).join("|");
  const prefix = `(?:${prefixes})${provider.bare ? "?" : ""}`;
  const rules = partsOf(match);
  const told = [...new Set(rules.flatMap((rule) => ("equals" in rule ? [rule.equals.toLowerCase()] : [])))];
  const mayHaveDay = (name: string) => !ENDS_WITH_DAY.test(name) && !name.includes(":");
  const undated = told.filter(mayHaveDay).map(escaped);
  const alternatives = [
    ...(undated.length > 0 ? [`${undated.length > 1 ? `(?:${undated.join("|")})` : undated.join("")}${DAY}`] : []),
    ...told.filter((name) => !mayHaveDay(name)).map(escaped),
    ...rules.filter((rule) => !("equals" in rule)).map((rule) => patternOf(rule, provider)),
  ];
  return `(?i)^${prefix}(?:${alternatives.join("|")})$`;
}

function partsOf(match: MatchLogic): MatchLogic[] {
  return "or" in match ? match.or.flatMap(partsOf) : [match];
}

function patternOf(match: MatchLogic, provider: ProviderNames): string {
  if ("equals" in match) return escaped(match.equals.toLowerCase());
  if ("starts_with" in match) {
    const rest = provider.colons || match.starts_with.includes(":") ? ".*" : "[^:]*";
    return escaped(match.starts_with.toLowerCase()) + rest;
  }
  if ("ends_with" in match) return `.*${escaped(match.ends_with.toLowerCase())}`;
  if ("contains" in match) return `.*${escaped(match.contains.toLowerCase())}.*`;
  if ("and" in match) {
    const [last, ...others] = match.and.map((part) => patternOf(part, provider)).toReversed();
    return others.map((part) => `(?=${part}$)`).join("") + (last ?? "");
  }
  if ("or" in match) return `(?:${match.or.map((part) => patternOf(part, provider)).join("|")})`;
  return anchored(match.regex);
}

/** A regular expression of the package's, whose anchors stand at its ends, as one of the whole name. */
function anchored(regex: string): string {
  const start = regex.startsWith("^") ? regex.slice(1) : `.*${regex}`;
  return start.endsWith("$") ? start.slice(0, -1) : `${start}.*`;
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
}
