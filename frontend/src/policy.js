// Reads a trust policy (C2SP tlog-policy) and counts its quorum; every rule mirrors openroll.tlog.policy. A policy is octets:
// names are kept as one character an octet and compared so, and only `shown` turns them into text.
import { sha256 } from "@noble/hashes/sha2.js";
import { Bad, bad, base64, joined, same, utf8 } from "./plain.js";

const SIZES = { 1: 32, 4: 32, 6: 1312 };
const octets = (bytes) => Array.from(bytes, (b) => String.fromCharCode(b)).join("");
const bytesOf = (name) => Uint8Array.from(name, (c) => c.charCodeAt(0));
export const shown = (name) => new TextDecoder().decode(bytesOf(name));
const hex = (bytes) => [...bytes].map((b) => b.toString(16).padStart(2, "0")).join("");

export function parseKey(text) {
  const [name, id, ...rest] = text.split("+");
  if (!name || /\s/u.test(name) || !/^[0-9a-f]{8}$/.test(id || "")) bad("policy-malformed");
  const data = base64(rest.join("+"));
  const key = { name, id, type: data[0], key: data.slice(1) };
  if (key.key.length !== SIZES[key.type]) bad("policy-malformed");
  if (hex(sha256(joined(utf8.encode(`${name}\n`), data)).slice(0, 4)) !== id) bad("policy-malformed");
  return key;
}

export function parsePolicy(bytes) {
  const policy = { logs: [], witnesses: [], groups: [], quorum: undefined };
  const state = { policy, known: new Set(), members: new Set(), ids: new Set() };
  octets(bytes).split("\n").forEach((line, at) => {
    try { takeLine(line, state); } catch (error) {
      if (error instanceof Bad) error.line = at + 1;
      error.message = "policy-malformed";
      throw error;
    }
  });
  if (policy.quorum === undefined) bad("policy-malformed");
  return policy;
}

function takeLine(line, state) {
  if (/[^\t\x20-\x7e\x80-\xff]/.test(line)) bad("policy-malformed");
  const [word, ...items] = line.split(/[ \t]+/).filter(Boolean);
  if (word === undefined || word[0] === "#") return;
  const take = { log: takeLog, witness: takeWitness, group: takeGroup, quorum: takeQuorum };
  if (!Object.hasOwn(take, word)) bad("policy-malformed");
  take[word](items, state);
}

function takeKey(item, types, others, state) {
  let text;
  try { text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytesOf(item)); } catch { bad("policy-malformed"); }
  const key = parseKey(text);
  const id = `${key.name}+${key.id}`;
  if (!types.includes(key.type) || others.some((one) => same(one.key.key, key.key)) || state.ids.has(id)) bad("policy-malformed");
  state.ids.add(id);
  return key;
}

function takeLog(items, state) {
  if (items.length < 1 || items.length > 2) bad("policy-malformed");
  state.policy.logs.push({ key: takeKey(items[0], [1, 4, 6], state.policy.logs, state) });
}

function define(name, state) {
  if (name === "none" || state.known.has(name)) bad("policy-malformed");
  state.known.add(name);
}

function takeWitness(items, state) {
  if (items.length < 2 || items.length > 3) bad("policy-malformed");
  define(items[0], state);
  state.policy.witnesses.push({ name: items[0], key: takeKey(items[1], [4, 6], state.policy.witnesses, state) });
}

function takeGroup([name, asked, ...members], state) {
  if (!members.length) bad("policy-malformed");
  for (const member of members) {
    if (!state.known.has(member) || state.members.has(member)) bad("policy-malformed");
    state.members.add(member);
  }
  define(name, state);
  const fixed = { all: members.length, any: 1 };
  if (!Object.hasOwn(fixed, asked) && !/^[1-9][0-9]{0,5}$/.test(asked)) bad("policy-malformed");
  const threshold = Object.hasOwn(fixed, asked) ? fixed[asked] : Number(asked);
  if (threshold > members.length) bad("policy-malformed");
  state.policy.groups.push({ name, threshold, members });
}

function takeQuorum(items, state) {
  const [name] = items;
  if (items.length !== 1 || state.policy.quorum !== undefined || (name !== "none" && !state.known.has(name))) bad("policy-malformed");
  state.policy.quorum = name;
}

// What the quorum lacks with these witnesses, from the quorum down; empty when it is reached.
export function lacks(policy, cosigned) {
  const counting = new Set(cosigned);
  for (const group of policy.groups) {
    if (group.members.filter((one) => counting.has(one)).length >= group.threshold) counting.add(group.name);
  }
  if (policy.quorum === "none" || counting.has(policy.quorum)) return [];
  const groups = new Map(policy.groups.map((one) => [one.name, one]));
  const found = [], waiting = [policy.quorum];
  while (waiting.length) {
    const name = waiting.shift();
    const { members, threshold } = groups.get(name) || { members: [name], threshold: 1 };
    const lacking = members.filter((one) => !counting.has(one));
    found.push({ name, threshold, having: members.filter((one) => counting.has(one)), lacking });
    waiting.push(...lacking.filter((one) => groups.has(one)));
  }
  return found;
}
