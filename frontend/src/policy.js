// Reads a trust policy (C2SP tlog-policy) and counts its quorum; every rule mirrors openroll.tlog.policy. A policy is octets:
// names are kept as one character an octet and compared so, and only `shown` turns them into text.
import { parseKey } from "./keys.js";
import { Bad, bad as fail, bytesOf, octets, same, text } from "./plain.js";

const MOST_BYTES = 1_000_000;
const bad = () => fail("policy-malformed", "P1");
export const shown = (name) => new TextDecoder().decode(bytesOf(name));

export function parsePolicy(bytes) {
  const policy = { logs: [], witnesses: [], groups: [], quorum: undefined };
  const state = { policy, known: new Set(), members: new Set(), ids: new Set() };
  if (bytes.length > MOST_BYTES) bad();
  octets(bytes).split("\n").forEach((line, at) => {
    try { takeLine(line, state); } catch (error) {
      throw error instanceof Bad ? new Bad("policy-malformed", "P1", at + 1) : error;
    }
  });
  if (policy.quorum === undefined) bad();
  return policy;
}

function takeLine(line, state) {
  if (/[^\t\x20-\x7e\x80-\xff]/.test(line)) bad();
  const [word, ...items] = line.split(/[ \t]+/).filter(Boolean);
  if (word === undefined || word[0] === "#") return;
  const take = { log: takeLog, witness: takeWitness, group: takeGroup, quorum: takeQuorum };
  if (!Object.hasOwn(take, word)) bad();
  take[word](items, state);
}

function takeKey(item, types, others, state) {
  const key = parseKey(text(bytesOf(item), "P1"));
  const id = `${key.name}+${key.id}`;
  if (!types.includes(key.type) || others.some((one) => same(one.key.key, key.key)) || state.ids.has(id)) bad();
  state.ids.add(id);
  return key;
}

function takeLog(items, state) {
  if (items.length < 1 || items.length > 2) bad();
  state.policy.logs.push({ key: takeKey(items[0], [1, 4, 6], state.policy.logs, state) });
}

function define(name, state) {
  if (name === "none" || state.known.has(name)) bad();
  state.known.add(name);
}

function takeWitness(items, state) {
  if (items.length < 2 || items.length > 3) bad();
  define(items[0], state);
  state.policy.witnesses.push({ name: items[0], key: takeKey(items[1], [4, 6], state.policy.witnesses, state) });
}

function takeGroup([name, asked, ...members], state) {
  if (!members.length) bad();
  for (const member of members) {
    if (!state.known.has(member) || state.members.has(member)) bad();
    state.members.add(member);
  }
  define(name, state);
  const fixed = { all: members.length, any: 1 };
  if (!Object.hasOwn(fixed, asked) && !/^[1-9][0-9]{0,5}$/.test(asked)) bad();
  const threshold = Object.hasOwn(fixed, asked) ? fixed[asked] : Number(asked);
  if (threshold > members.length) bad();
  state.policy.groups.push({ name, threshold, members });
}

function takeQuorum(items, state) {
  const [name] = items;
  if (items.length !== 1 || state.policy.quorum !== undefined || (name !== "none" && !state.known.has(name))) bad();
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
