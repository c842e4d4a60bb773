// What a browser does not know by itself and the roll's own check goes by: the rules of the Public Suffix List, and the names of time
// zones. Their page fetches them whatever is asked, so that the roll does not learn from that how a record is named.
let suffixes, zones;

export function know(lists) {
  suffixes = new Set(lists.suffixes);
  zones = new Set(lists.zones);
}
const known = (list) => { if (!list) throw new TypeError("the lists of names are not loaded"); return list; };
export const isSuffixRule = (rule) => known(suffixes).has(rule);
export const isZoneName = (zone) => known(zones).has(zone);
