// What pages seal and open with, under one name: keys, envelopes, notices.
import * as keys from "./envelope-keys.js";
import * as envelope from "./envelope.js";
import * as notice from "./notice.js";

globalThis.openrollEnvelopes = { ...keys, ...envelope, ...notice };
