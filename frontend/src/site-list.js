// A list of sites, read as `openroll site file` reads it (openroll.sheet.site_list): every fault of it at once, and of a natural
// person's site what is sent taken apart from what stays. Given the same key and the same random bytes both make the same of it.
import { sha256 } from "@noble/hashes/sha2.js";
import { parse } from "./disclosures.js";
import { aLabels, nameFault } from "./domain.js";
import { handleOf, normalised } from "./packing.js";
import { utf8 } from "./plain.js";
import { normalText, refusedCharacter } from "./told-text.js";

const OPEN = ["sponsor", "domains", "services", "began"], FIELDS = { address: "domains", domain: "domains", organisation: "sponsor", service: "services" }, OF_A_PERSON = "site/";
const base64url = (bytes) => btoa(String.fromCharCode(...bytes)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const isDay = (text) => /^\d{4}-\d{2}-\d{2}$/.test(text) && text >= "0001" && !Number.isNaN(Date.parse(text)) && new Date(text).toISOString().startsWith(text);
const columnOf = (field) => (Object.hasOwn(FIELDS, field) ? FIELDS[field] : field);

// The sites of a table of cells, and what is wrong with it: {sites, faults: [{row, column, value, code}]}.
export function sitesOf(table, terms) {
  const faults = [], sites = [], seen = new Set(), header = (table[0] || []).map((name) => name.replace(/^\ufeff/, "").trim());
  const known = new Set([...OPEN, "kind", "account", ...terms.fields.map(columnOf)]);
  const fault = (row, column, value, code) => { faults.push({ row, column, value, code }); };
  for (const name of OPEN) if (!header.includes(name)) fault(1, name, "", "add");
  header.forEach((name, at) => { if (!known.has(name) || header.indexOf(name) !== at) fault(1, name, "", "take-out"); });
  if (faults.length) return { sites, faults };
  table.slice(1).forEach((row, at) => {
    if (row.every((cell) => cell === "")) return;
    const cells = Object.fromEntries(header.map((name, place) => [name, normalText(row[place] || "")])), before = faults.length;
    if (row.length > header.length) fault(at + 2, "", "", "ragged");
    for (const name of OPEN) if (!cells[name]) fault(at + 2, name, "", "fill");
    for (const name of header) if (refusedCharacter(cells[name])) fault(at + 2, name, "", "unseen");
    const domains = [...new Set(cells.domains.split(/\s+/).filter(Boolean).map(aLabels))];
    for (const domain of domains) if (nameFault(domain)) fault(at + 2, "domains", domain, "form");
    if (cells.began && !isDay(cells.began)) fault(at + 2, "began", cells.began, "day");
    if (cells.account && normalised(OF_A_PERSON + cells.account) === undefined) fault(at + 2, "account", "", "unfit");
    if (faults.length > before) return;
    for (const [column, name] of [...(cells.account ? [["account", normalised(cells.account) ?? cells.account]] : []), ...domains.map((one) => ["domains", one])]) {
      const key = `${column} ${name}`;
      if (seen.has(key)) fault(at + 2, column, name, "doubled");
      seen.add(key);
    }
    sites.push({ row: at + 2, account: cells.account || "", kind: cells.kind || terms.kinds[0] || "site", domains, cells });
  });
  return { sites, faults };
}

// What travels of a natural person's site and what stays: a field that has no cell, or an empty one, gets a decoy. With `earlier`
// (all that was kept, by its handle) the same values have the same digests, those of the newest line that has them.
export function split(site, fields, key, random, earlier = new Map()) {
  const handle = handleOf(normalised(OF_A_PERSON + site.account), key);
  const told = fields.map((field) => [field, site.cells[columnOf(field)] || ""]).filter(([, value]) => value);
  const before = (earlier.get(handle) || []).findLast((one) => same(one, told) && one.decoys.length === fields.length - told.length);
  if (before) {
    return { handle, digests: [...before.disclosures.map((one) => parse(one).digest), ...before.decoys].sort(ordered), kept: before };
  }
  const decoys = fields.slice(told.length).map(() => random(32));
  const salts = told.map(() => random(16));
  const disclosures = told.map(([name, value], at) => base64url(utf8.encode(`[${[base64url(salts[at]), name, value].map((part) => JSON.stringify(part)).join(", ")}]`)));
  const digests = [...disclosures.map((one) => base64url(sha256(utf8.encode(one)))), ...decoys.map(base64url)].sort(ordered);
  return { handle, digests, kept: { handle, disclosures, decoys: decoys.map(base64url), account: site.account, openings: {} } };
}
const ordered = (one, other) => (one < other ? -1 : 1);
function same(before, told) {
  const said = new Map(before.disclosures.map(parse).filter(Boolean).map(({ field, value }) => [field, value]));
  return said.size === told.length && told.every(([field, value]) => said.get(field) === value);
}

// The lines of a file of disclosures by their handles, the oldest first; undefined for what is none. Each may be what opens a site that
// stands: none takes the place of another.
export function keptIn(text) {
  try {
    const kept = text.split("\n").filter((line) => line.trim()).map((line) => JSON.parse(line));
    const fits = ({ handle, disclosures, decoys }) => typeof handle === "string" && [disclosures, decoys].every((list) => Array.isArray(list) && list.every((one) => typeof one === "string"));
    return kept.every(fits) ? kept.reduce(adding, new Map()) : undefined;
  } catch { return undefined; }
}

// Lines by their handles, with one more.
export function adding(lines, one) {
  const before = lines.get(one.handle) || [];
  return before.includes(one) ? lines : lines.set(one.handle, [...before, one]);
}
