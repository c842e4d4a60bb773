// Which receipts of a record an answer needs: as few as prove what is given, so that it tells no more (openroll.register.request.needed).
import { disclosure, factOf, isLate, isUnproved, ofEachEntry, recordOf } from "./desk-answer.js";
import { utf8 } from "./plain.js";
import { claimed } from "./receipt.js";

const ALWAYS = ["filed", "ported", "erased"].map((name) => `subscription.${name}/1`);
const BEGINS = "subscription.filed/1", WITH_DIGESTS = ["filed", "changed", "corrected"].map((name) => `subscription.${name}/1`);

// The record that receipts lead to; undefined where one of them is provably no fact of it.
function led(read) {
  const { record, faults } = recordOf(read);
  return faults.length ? undefined : record;
}
const within = (opened, record) => [...opened].every((digest) => record.digests.has(digest));
// Whether these leave the record as all do, and as much of what is opened unproved or late, no more and no less.
function proves(read, whole, opened, asked) {
  const record = led(read);
  if (!record || !within(opened, record)) return false;
  const same = ["operator", "handle", "erased"].every((name) => record[name] === whole[name]);
  return same && [...opened].every((one) => isUnproved(record, one) === isUnproved(whole, one) && isLate(record, one, asked) === isLate(whole, one, asked));
}

// The receipts (texts), the filing's first and then in the log's order, that are needed to prove values whose digests are `opened` (a set) as
// all do; all, where none would do. `asked` is the place of the entry by which it was asked. Without `newest` the newest fact is left out too
// where nothing of what is given stands on it.
export function fewest(receipts, opened, asked, newest = true) {
  const read = ofEachEntry(receipts.map((receipt) => ({ receipt, ...claimed(utf8.encode(receipt)) })).filter(factOf))
    .sort((one, other) => (one.kind !== BEGINS) - (other.kind !== BEGINS));
  const whole = led(read);
  if (!whole || !within(opened, whole)) return receipts;  // checking says what is wrong
  const last = newest ? read.filter(({ kind }) => WITH_DIGESTS.includes(kind)).pop() : undefined;
  const stays = (one) => one === last || ALWAYS.includes(one.kind);
  let kept = read.filter(stays);
  if (!proves(kept, whole, opened, asked)) {
    kept = read;
    for (const one of [...read].reverse().filter((each) => !stays(each))) {
      const without = kept.filter((other) => other !== one);
      if (proves(without, whole, opened, asked)) kept = without;
    }
  }
  return kept.map(({ receipt }) => receipt);
}

// An answer without one of its disclosures, and without what opens it.
function lacking(answer, left) {
  const openings = Object.fromEntries(Object.entries(answer.openings || {}).filter(([name]) => name !== disclosure(left).name));
  const { number, openings: _, ...rest } = answer, shown = Object.keys(openings).length ? { number, openings } : {};
  return { ...rest, disclosures: answer.disclosures.filter((one) => one !== left), ...shown };
}

// An answer with the receipts that it needs and no other, so that it fits into `most` bytes (`size` says how many one has); or, with
// `field`, the one that is to be kept back as the answer does not.
export function fitting(answer, most, size, asked) {
  const withReceipts = (one, newest) => ({ ...one, receipts: fewest(one.receipts, new Set(one.disclosures.map((encoded) => disclosure(encoded)?.digest)), asked, newest) });
  const found = [true, false].map((newest) => withReceipts(answer, newest)).find((one) => size(one) <= most);
  if (found) return { answer: found };
  const without = answer.disclosures.map((left) => [disclosure(left).name, size(withReceipts(lacking(answer, left), false))]);
  return { field: without.sort(([, one], [, other]) => one - other)[0][0] };
}
