// Passkeys in the reader's own browser: one button a ceremony, two steps each. Without this script the pages go on working by
// filing code and by an organisation's own provider.
const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

async function ask(box, path, body) {
  const answer = await fetch(`/${box.dataset.lang}/passkey/${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-csrftoken": box.dataset.csrf },
    body: JSON.stringify(body),
  });
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(said.detail || "");
  return said;
}

async function ceremony(box) {
  const kind = box.dataset.passkey;
  const more = box.dataset.invitation ? { invitation: box.dataset.invitation } : {};
  const { ceremony, options } = await ask(box, `${kind}/options`, more);
  options.challenge = bytes(options.challenge);
  let credential, response;
  if (kind === "sign-in") {
    (options.allowCredentials || []).forEach((one) => { one.id = bytes(one.id); });
    credential = await navigator.credentials.get({ publicKey: options });
    response = {
      authenticatorData: text(credential.response.authenticatorData),
      signature: text(credential.response.signature),
      userHandle: credential.response.userHandle ? text(credential.response.userHandle) : null,
    };
  } else {
    options.user.id = bytes(options.user.id);
    (options.excludeCredentials || []).forEach((one) => { one.id = bytes(one.id); });
    credential = await navigator.credentials.create({ publicKey: options });
    response = { attestationObject: text(credential.response.attestationObject) };
  }
  response.clientDataJSON = text(credential.response.clientDataJSON);
  const plain = { id: credential.id, rawId: text(credential.rawId), type: credential.type, response, clientExtensionResults: {} };
  return ask(box, kind, { ceremony, credential: plain, next: box.dataset.next || "", ...more });
}

for (const box of document.querySelectorAll("[data-passkey]")) {
  if (!window.PublicKeyCredential) continue;
  box.hidden = false;
  const button = box.querySelector("[data-go]"), said = box.querySelector("[data-said]");
  button.addEventListener("click", async () => {
    button.disabled = true;
    said.textContent = "";
    try { location.assign((await ceremony(box)).next); }
    catch (error) { said.textContent = (error instanceof DOMException ? "" : error.message) || said.dataset.failed; }
    finally { button.disabled = false; }
  });
}

// What stands after a hash was sent to nobody, so only the page can hand it on to itself in the other languages.
if (location.hash) for (const elsewhere of document.querySelectorAll("a.roll-language")) elsewhere.hash = location.hash;

// The square in a letter, and the one on the page of a receipt, hold the code after a hash, which browsers send to nobody.
const code = document.querySelector("form[action$='/find'] #code"), held = /^#(\d{16})$/.exec(location.hash);
if (code && held) {
  code.value = held[1];
  history.replaceState(null, "", location.pathname);
}

// So does the link of an invitation: it is taken out of the address and sent in a form.
const invitation = document.querySelector("form[action$='/join'] #invitation"), invited = /^#([\w-]{20,100})$/.exec(location.hash);
if (invitation && invited) {
  invitation.value = invited[1];
  history.replaceState(null, "", location.pathname);
  invitation.form.requestSubmit();
}
