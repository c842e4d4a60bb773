// The puzzle of a busy moment in a form: solved while the page is read; without this script the page says how long to wait.
import { solved } from "./solver.js";

for (const box of document.querySelectorAll("[data-puzzle]")) {
  box.hidden = false;
  const field = box.querySelector("input[name=proof]"), said = box.querySelector("[data-said]");
  solved(box.dataset.puzzle).then((found) => {
    field.value = found;
    said.textContent = box.dataset.solved;
  });
}
