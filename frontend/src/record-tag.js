// By what a fact after the filing names the record that it stands on: as openroll.register.subscription.record_tag, which says why.
import { sha256 } from "@noble/hashes/sha2.js";
import { joined, octets, utf8 } from "./plain.js";

const DOMAIN = utf8.encode("openroll record 1\0");

// The tag of a fact from the salt of its record's filing and its own, 32 bytes each.
export const recordTag = (filing, own) => btoa(octets(sha256(joined(DOMAIN, filing, own)))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
