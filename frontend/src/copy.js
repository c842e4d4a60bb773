// Buttons that copy what stands elsewhere on their page (the macro `copying`). Without this script, and in a browser that lends no
// clipboard, they are not there: what is to be copied can be marked by hand.
for (const box of navigator.clipboard ? document.querySelectorAll("[data-copy]") : []) {
  const source = document.getElementById(box.dataset.copy), told = box.querySelector("[role=status]");
  box.querySelector("button").addEventListener("click", async () => {
    told.textContent = "";  // what is said twice is announced twice
    try {
      await navigator.clipboard.writeText(source.value ?? source.textContent);
      told.textContent = box.dataset.copied;
    } catch {
      getSelection().selectAllChildren(source);
      source.select?.();
      told.textContent = box.dataset.failed;
    }
  });
  box.hidden = false;
}

// What was copied is not what stands there now.
export const forgetCopied = () => { for (const told of document.querySelectorAll("[data-copy] [role=status]")) told.textContent = ""; };
